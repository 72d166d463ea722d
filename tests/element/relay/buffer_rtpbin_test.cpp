// rtprelaybuffer in a real rtpbin, which asks for it by request-jitterbuffer.
#include "tests/element/relay/element_fixture.hpp"

#include "plugins/register.hpp"
#include "plugins/support/signal.hpp"

#include <map>
#include <numeric>

namespace rtspproxy::tests {
namespace {

using Sequences = std::vector<std::uint16_t>;

constexpr const char* kCaps = "application/x-rtp, media=(string)video, payload=(int)96, "
                              "clock-rate=(int)90000, encoding-name=(string)H264";

class RtpBinTest : public WatchedTest {
  protected:
    RtpBinTest() {
        register_elements(nullptr);
        rtpbin_ = Ref<GstElement>::sink(gst_element_factory_make("rtpbin", nullptr));
        if (!rtpbin_)
            throw std::runtime_error("no rtpbin");
        connections_.emplace_back(rtpbin_.get(), "request-jitterbuffer",
                                  G_CALLBACK(+[](GstElement*, guint, gpointer self) -> GstElement* {
                                      ++static_cast<RtpBinTest*>(self)->buffers_;
                                      return gst_element_factory_make("rtprelaybuffer", nullptr);
                                  }),
                                  this);
        connections_.emplace_back(rtpbin_.get(), "request-pt-map",
                                  G_CALLBACK(+[](GstElement*, guint, guint, gpointer) -> GstCaps* {
                                      return gst_caps_from_string(kCaps);
                                  }),
                                  nullptr);
        connections_.emplace_back(rtpbin_.get(), "pad-added",
                                  G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) {
                                      static_cast<RtpBinTest*>(self)->on_pad(pad);
                                  }),
                                  this);
    }
    ~RtpBinTest() override { close(); }

    void open() {
        rtp_.reset(gst_harness_new_with_element(rtpbin_.get(), "recv_rtp_sink_0", nullptr));
        rtcp_.reset(gst_harness_new_with_element(rtpbin_.get(), "recv_rtcp_sink_0", nullptr));
        gst_harness_set_src_caps_str(rtp_.get(), kCaps);
        gst_harness_set_src_caps_str(rtcp_.get(), "application/x-rtcp");
    }
    // Releases the pads, and with them the session and its buffers.
    void close() {
        rtcp_.reset();
        rtp_.reset();
        gst_element_set_state(rtpbin_.get(), GST_STATE_NULL);
        outputs_.clear();
    }
    void push(const Sequences& sequences, std::uint32_t ssrc = 1) {
        for (const auto sequence : sequences)
            EXPECT_EQ(gst_harness_push(
                          rtp_.get(),
                          buffer_of(bytes_of(Packet{sequence, sequence * 90U, true, kSlice, ssrc}))
                              .release()),
                      GST_FLOW_OK);
    }
    Sequences take(std::uint32_t ssrc = 1) {
        Sequences all;
        const auto output = outputs_.find(ssrc);
        if (output == outputs_.end())
            return all;
        while (const auto buffer =
                   Ref<GstBuffer>::adopt(gst_harness_try_pull(output->second.get())))
            all.push_back(packet_of(bytes_of(buffer.get())).sequence);
        return all;
    }
    // Events about sender reports that came out of the bin.
    int reports(std::uint32_t ssrc = 1) {
        int count = 0;
        while (const auto event =
                   Ref<GstEvent>::adopt(gst_harness_try_pull_event(outputs_.at(ssrc).get())))
            count += gst_event_has_name(event.get(), "rtp-sender-report") ? 1 : 0;
        return count;
    }
    // How many elements made by this factory the bin holds, at any depth.
    int count(const char* factory) {
        struct Count {
            const char* factory;
            int elements;
        } count{factory, 0};
        const std::unique_ptr<GstIterator, Deleter<gst_iterator_free>> all(
            gst_bin_iterate_recurse(GST_BIN(rtpbin_.get())));
        gst_iterator_foreach(
            all.get(),
            [](const GValue* item, gpointer data) {
                auto* const counted = static_cast<Count*>(data);
                auto* const element = GST_ELEMENT(g_value_get_object(item));
                if (g_strcmp0(GST_OBJECT_NAME(gst_element_get_factory(element)),
                              counted->factory) == 0)
                    ++counted->elements;
            },
            &count);
        return count.elements;
    }

    Ref<GstElement> rtpbin_;
    HarnessPtr rtp_, rtcp_;
    int buffers_ = 0;

  private:
    void on_pad(GstPad* pad) {
        unsigned ssrc = 0;
        const GCharPtr name(gst_pad_get_name(pad));
        if (std::sscanf(name.get(), "recv_rtp_src_0_%u_", &ssrc) != 1)
            return;
        HarnessPtr output(gst_harness_new_with_element(rtpbin_.get(), nullptr, nullptr));
        gst_harness_add_element_src_pad(output.get(), pad);
        outputs_[ssrc] = std::move(output);
    }

    std::map<std::uint32_t, HarnessPtr> outputs_;
    std::vector<SignalConnection> connections_;
};

TEST_F(RtpBinTest, TakesThePlaceOfTheJitterBuffer) {
    open();
    push({10, 11, 12});
    EXPECT_EQ(take(), (Sequences{10, 11, 12}));
    EXPECT_EQ(buffers_, 1);
    EXPECT_EQ(count("rtprelaybuffer"), 1);
    EXPECT_EQ(count("rtpjitterbuffer"), 0);
}

TEST_F(RtpBinTest, GetsTheLatencyOfTheBin) {
    g_object_set(rtpbin_.get(), "latency", 150U, nullptr);
    open();
    push({1, 2});
    const std::unique_ptr<GstIterator, Deleter<gst_iterator_free>> all(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(rtpbin_.get()), "rtprelaybuffer"));
    GValue item = G_VALUE_INIT;
    ASSERT_EQ(gst_iterator_next(all.get(), &item), GST_ITERATOR_OK);
    guint latency = 0;
    g_object_get(g_value_get_object(&item), "latency", &latency, nullptr);
    g_value_unset(&item);
    EXPECT_EQ(latency, 150U);
}

TEST_F(RtpBinTest, PutsLatePacketsBack) {
    g_object_set(rtpbin_.get(), "latency", 10000U, nullptr);
    open();
    push({65533, 65534, 1, 65535, 0, 2});
    EXPECT_EQ(take(), (Sequences{65533, 65534, 65535, 0, 1, 2}));
}

TEST_F(RtpBinTest, HasOneBufferASource) {
    open();
    push({10, 11}, 1);
    push({500, 501}, 2);
    push({12}, 1);
    push({502}, 2);
    EXPECT_EQ(take(1), (Sequences{10, 11, 12}));
    EXPECT_EQ(take(2), (Sequences{500, 501, 502}));
    EXPECT_EQ(count("rtprelaybuffer"), 2);
}

TEST_F(RtpBinTest, TakesReports) {
    open();
    push({10, 11});
    Bytes report(28);
    report[0] = 0x80;
    report[1] = 200; // sender report, RFC 3550 §6.4.1
    report[3] = 6;
    rtp::write_u32(report, 4, 1); // SSRC
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(gst_harness_push(rtcp_.get(), buffer_of(report).release()), GST_FLOW_OK);
    push({12});
    EXPECT_EQ(take(), (Sequences{10, 11, 12}));
    EXPECT_EQ(reports(), 1) << "the newest one, behind packet 12";
}

TEST_F(RtpBinTest, PassesTheEndOn) {
    open();
    push({10, 11});
    EXPECT_TRUE(gst_harness_push_event(rtp_.get(), gst_event_new_eos()));
    EXPECT_EQ(take(), (Sequences{10, 11}));
}

TEST_F(RtpBinTest, ComesAndGoesWithItsSession) {
    for (int i = 1; i <= 20; ++i) {
        open();
        push({10, 11});
        EXPECT_EQ(take(), (Sequences{10, 11})) << i;
        EXPECT_EQ(buffers_, i);
        close();
        EXPECT_EQ(count("rtprelaybuffer"), 0) << i;
    }
}

} // namespace
} // namespace rtspproxy::tests
