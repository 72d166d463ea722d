// rtprelaybuffer: what it tells of the back end's sender reports.
#include "tests/element/relay/element_fixture.hpp"

#include "plugins/relay/report_event.hpp"

#include <atomic>
#include <thread>

namespace rtspproxy::tests {
namespace {

constexpr const char* kCaps = "application/x-rtp, media=(string)video, payload=(int)96, "
                              "clock-rate=(int)90000, encoding-name=(string)H264, ssrc=(uint)1";
using Names = std::vector<std::string>;

Bytes sender_report(const rtp::SenderReport& report) {
    Bytes bytes(28);
    bytes[0] = 0x80;
    bytes[1] = 200; // RFC 3550 §6.4.1
    bytes[3] = 6;
    rtp::write_u32(bytes, 4, report.ssrc);
    rtp::write_u32(bytes, 8, static_cast<std::uint32_t>(report.ntp >> 32U));
    rtp::write_u32(bytes, 12, static_cast<std::uint32_t>(report.ntp));
    rtp::write_u32(bytes, 16, report.rtp);
    return bytes;
}

class BufferReports : public ElementTest {
  protected:
    BufferReports() : ElementTest("rtprelaybuffer") {
        start(kCaps);
        take_log();
        rtcp_ = Ref<GstPad>::adopt(gst_element_request_pad(
            element(), gst_element_get_pad_template(element(), "sink_rtcp"), nullptr, nullptr));
        gst_pad_send_event(rtcp_.get(), gst_event_new_stream_start("rtcp"));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_send_event(rtcp_.get(), gst_event_new_segment(&segment));
    }
    ~BufferReports() override { gst_element_release_request_pad(element(), rtcp_.get()); }
    void push_rtcp(const Bytes& bytes) {
        EXPECT_EQ(gst_pad_chain(rtcp_.get(), buffer_of(bytes).release()), GST_FLOW_OK);
    }
    std::optional<rtp::SenderReport> last_report() {
        const auto event = last_event(GST_EVENT_CUSTOM_DOWNSTREAM);
        return event ? relay::read_report_event(event.get()) : std::nullopt;
    }

  private:
    Ref<GstPad> rtcp_;
};

const rtp::SenderReport kReport{0xcafe, 0x1234'5678'9abc'def0, 90'000};

TEST_F(BufferReports, FollowTheNextPacket) {
    push(Packet{1, 0});
    take_log();
    push_rtcp(sender_report(kReport));
    EXPECT_EQ(take_log(), Names{});
    push(Packet{2, 0});
    EXPECT_EQ(take_log(), (Names{"packets", "custom-downstream"}));
    EXPECT_EQ(last_report(), kReport);
    push(Packet{3, 0});
    EXPECT_EQ(take_log(), Names{"packets"}) << "once";
}

TEST_F(BufferReports, TheNewestOneCounts) {
    push_rtcp(sender_report({1, 2, 3}));
    push_rtcp(sender_report(kReport));
    push(Packet{1, 0});
    EXPECT_EQ(take_log(), (Names{"packets", "custom-downstream"}));
    EXPECT_EQ(last_report(), kReport);
}

TEST_F(BufferReports, AlsoThoseThatCameBeforeTheStream) {
    push_rtcp(sender_report(kReport));
    push_event(gst_event_new_stream_start("again"));
    push(Packet{1, 0});
    EXPECT_EQ(last_report(), kReport);
}

TEST_F(BufferReports, OtherRtcpSaysNothing) {
    Bytes receiver_report = sender_report(kReport);
    receiver_report[1] = 201;
    Bytes cut = sender_report(kReport);
    cut.resize(27);
    for (const Bytes& bytes : {receiver_report, cut, Bytes{}, Bytes(100, 0xff)})
        push_rtcp(bytes);
    push(Packet{1, 0});
    EXPECT_EQ(take_log(), Names{"packets"});
}

TEST_F(BufferReports, DoNotOutliveTheSession) {
    push_rtcp(sender_report(kReport));
    set_state(GST_STATE_READY);
    set_state(GST_STATE_PLAYING);
    push_stream_start();
    take_log();
    push(Packet{1, 0});
    EXPECT_FALSE(last_report());
}

// With UDP they come in a thread of their own.
TEST_F(BufferReports, MayComeInAnotherThread) {
    std::atomic<bool> stop{false};
    std::uint64_t sent = 0;
    std::thread other([&] {
        while (!stop.load()) {
            ++sent;
            push_rtcp(sender_report({1, sent << 32U | sent, static_cast<std::uint32_t>(sent)}));
            std::this_thread::yield();
        }
    });
    for (std::uint16_t i = 0; i < 3000; ++i) {
        push(Packet{i, i});
        if (const auto report = last_report()) {
            ASSERT_EQ(report->ntp >> 32U, report->rtp) << "not of two reports";
        }
    }
    stop.store(true);
    other.join();
    push(Packet{3000, 0});
    EXPECT_EQ(last_report()->rtp, sent);
}

} // namespace
} // namespace rtspproxy::tests
