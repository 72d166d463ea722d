// The entrances of an rtpbin: what of a back end's packets goes to the payloader, and what the
// session and its pads see of it.
#include "app/backend/tap/inlet.hpp"

#include "plugins/rtp/sender_report.hpp"
#include "plugins/support/element.hpp"
#include "tests/support/deadline.hpp"
#include "tests/unit/backend/tap/payloader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::backend::tests {
namespace {

using ::testing::ElementsAre;

class InletTest : public ::testing::Test {
  protected:
    InletTest()
        : pipeline_(Ref<GstElement>::sink(gst_pipeline_new(nullptr))),
          rtpbin_(Ref<GstElement>::share(gst_element_factory_make("rtpbin", nullptr))) {
        gst_bin_add(GST_BIN(pipeline_.get()), rtpbin_.get());
        g_object_set(rtpbin_.get(), "latency", 0U, nullptr);
        ledger_->open = true;
        g_signal_connect(rtpbin_.get(), "request-pt-map", G_CALLBACK(on_request_caps), nullptr);
        install_inlets(rtpbin_.get(), ledger_,
                       [this](unsigned session) { return session == 3 ? outlet_ : nullptr; });
        rtp_ = request("recv_rtp_sink_3");
        rtcp_ = request("recv_rtcp_sink_3");
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
        begin(rtp_.get(), "application/x-rtp, media=video, payload=96, clock-rate=90000, "
                          "encoding-name=H264");
        begin(rtcp_.get(), "application/x-rtcp");
    }
    ~InletTest() override { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

    Ref<GstPad> request(const char* name) {
        return Ref<GstPad>::adopt(gst_element_request_pad_simple(rtpbin_.get(), name));
    }
    static void begin(GstPad* pad, const char* caps_text) {
        gst_pad_send_event(pad, gst_event_new_stream_start("test"));
        const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(caps_text));
        gst_pad_send_event(pad, gst_event_new_caps(caps.get()));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_send_event(pad, gst_event_new_segment(&segment));
    }
    static GstCaps* on_request_caps(GstElement*, guint, guint type, gpointer) {
        return type == 96 ? gst_caps_from_string("application/x-rtp, media=video, payload=96, "
                                                 "clock-rate=90000, encoding-name=H264")
                          : nullptr;
    }
    // The pads for packets that the rtpbin has made.
    std::vector<std::string> pads() {
        std::vector<std::string> names;
        GST_OBJECT_LOCK(rtpbin_.get());
        for (const GList* each = rtpbin_.get()->srcpads; each != nullptr; each = each->next)
            names.emplace_back(GST_PAD_NAME(static_cast<GstPad*>(each->data)));
        GST_OBJECT_UNLOCK(rtpbin_.get());
        return names;
    }
    // rtpjitterbuffer has a thread of its own.
    [[nodiscard]] bool wait_for_pad() {
        return rtspproxy::tests::eventually([this] { return !pads().empty(); });
    }
    static Ref<GstBuffer> buffer(const Bytes& bytes) {
        auto made = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr));
        gst_buffer_fill(made.get(), 0, bytes.data(), bytes.size());
        return made;
    }
    void send(const Rtp& packet) {
        gst_pad_chain(rtp_.get(), buffer(rtp_packet(packet)).release());
    }
    void report(std::uint32_t ssrc, std::uint64_t ntp) {
        const auto bytes = rtp::make_sender_report({ssrc, ntp, 90000});
        gst_pad_chain(rtcp_.get(), buffer({bytes.begin(), bytes.end()}).release());
    }
    void say_goodbye(std::uint32_t ssrc) {
        Bytes bytes{0x81, 203, 0, 1, 0, 0, 0, 0};
        rtp::write_u32(bytes, 4, ssrc);
        gst_pad_chain(rtcp_.get(), buffer(bytes).release());
    }

    std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
    std::shared_ptr<TrackLedger> track_ = std::make_shared<TrackLedger>();
    Payloader payloader_{false};
    unsigned goodbyes_ = 0;
    std::shared_ptr<TrackOutlet> outlet_ =
        std::make_shared<TrackOutlet>(payloader_.pad, track_, [this] { ++goodbyes_; });
    Ref<GstElement> pipeline_, rtpbin_;
    Ref<GstPad> rtp_, rtcp_;
};

TEST_F(InletTest, PacketsTurnOffToThePayloader) {
    for (std::uint16_t i = 1; i <= 20; ++i)
        send({.sequence = i});
    EXPECT_EQ(payloader_.sequences.size(), 20U);
    EXPECT_EQ(payloader_.packets[0], rtp_packet({.sequence = 1}));
    ASSERT_TRUE(wait_for_pad());
    EXPECT_THAT(pads(), ElementsAre("recv_rtp_src_3_4660_96"));
    EXPECT_EQ(ledger_->lost, 0U);
    send({.sequence = 23});
    EXPECT_EQ(ledger_->lost, 2U);
}

TEST_F(InletTest, WhateverComesTheSessionSeesOneSource) {
    for (std::uint16_t i = 1; i <= 100; ++i) {
        send({.sequence = i, .payload_type = static_cast<std::uint8_t>(i % 3 == 0 ? 50 : 96)});
        send({.sequence = i, .ssrc = 0x9000U + i});
        report(0x9000U + i, 1);
    }
    EXPECT_EQ(payloader_.sequences.size(), 100U);
    ASSERT_TRUE(wait_for_pad());
    send({.sequence = 101});
    EXPECT_EQ(track_->foreign, 200U); // reports are counted, too
    EXPECT_EQ(ledger_->dropped, 100U);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (std::uint16_t i = 1; i <= 10; ++i)
        send({.sequence = i, .ssrc = 0xabcd});
    EXPECT_EQ(payloader_.sequences.size(), 111U);
    EXPECT_EQ(track_->takeovers, 1U);
    EXPECT_EQ(pads().size(), 1U);
}

TEST_F(InletTest, AFirstPacketOfAnUnknownPayloadTypeMakesThePadOfTheKnownOne) {
    for (std::uint16_t i = 1; i <= 5; ++i)
        send({.sequence = i, .payload_type = 50});
    ASSERT_TRUE(wait_for_pad());
    EXPECT_THAT(pads(), ElementsAre("recv_rtp_src_3_4660_96"));
    EXPECT_EQ(payloader_.packets[0], rtp_packet({.sequence = 1, .payload_type = 50}));
}

TEST_F(InletTest, SomethingElseIsDropped) {
    gst_pad_chain(rtp_.get(), buffer(text("no RTP, but longer")).release());
    gst_pad_chain(rtp_.get(), buffer({0x80}).release());
    EXPECT_EQ(ledger_->dropped, 2U);
    EXPECT_TRUE(pads().empty());
}

TEST_F(InletTest, AGoodbyeIsOfTheSourceThatHasTheTrack) {
    send({.sequence = 1});
    say_goodbye(0x9999);
    EXPECT_EQ(goodbyes_, 0U);
    EXPECT_FALSE(outlet_->left());
    say_goodbye(0x1234);
    say_goodbye(0x1234);
    EXPECT_EQ(goodbyes_, 1U);
    EXPECT_TRUE(outlet_->left());
    send({.sequence = 2});
    EXPECT_FALSE(outlet_->left());
    EXPECT_THAT(payloader_.sequences, ElementsAre(1, 2));
}

} // namespace
} // namespace rtspproxy::backend::tests
