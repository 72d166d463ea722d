// rtprelaypay: states, properties, statistics, and downstream that refuses.
#include "tests/element/relay/pay_fixture.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace rtspproxy::tests {
namespace {

class PayState : public PayTest {
  protected:
    void feed_caps(const char* caps = kH264Caps) {
        push_stream_start();
        gst_harness_set_src_caps_str(harness(), caps);
    }
};

TEST_F(PayState, IsLive) {
    EXPECT_EQ(set_state(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(set_state(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
    EXPECT_EQ(set_state(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(set_state(GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
    EXPECT_EQ(set_state(GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
    EXPECT_EQ(set_state(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

TEST_F(PayState, IsAPayloaderForServers) {
    GstElementClass* klass = GST_ELEMENT_GET_CLASS(element());
    const std::string kind = gst_element_class_get_metadata(klass, GST_ELEMENT_METADATA_KLASS);
    EXPECT_NE(kind.find("Payloader"), std::string::npos);
    EXPECT_NE(kind.find("RTP"), std::string::npos);
    for (const char* property : {"pt", "mtu", "seqnum", "timestamp", "seqnum-offset", "stats"})
        EXPECT_NE(g_object_class_find_property(G_OBJECT_CLASS(klass), property), nullptr)
            << property;
    // Nothing is chosen by itself that must be asked for.
    EXPECT_EQ(gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(gst_element_get_factory(element()))),
              guint{GST_RANK_NONE});
}

TEST_F(PayState, PropertiesAreDocumentedAndReadBack) {
    EXPECT_EQ(check_properties(element()), 13U);
}

TEST_F(PayState, PropertiesHaveTheirDefaults) {
    for (const auto& [property, value] : {std::pair{"caps", kNoCaps},
                                          {"ssrc", "-1"},
                                          {"seqnum-offset", "-1"},
                                          {"timestamp-offset", "-1"},
                                          {"pt", "96"},
                                          {"mtu", "1400"},
                                          {"group-timeout", "5"},
                                          {"key-frame-timeout", "10000"},
                                          {"swallow-eos", "true"},
                                          {"clean-start", "false"},
                                          {"seqnum", "0"},
                                          {"timestamp", "0"}})
        EXPECT_EQ(get(property), value) << property;
}

TEST_F(PayState, CountsNothingBeforeItStarts) {
    for (const char* name :
         {"packets", "bytes", "access-units", "sources", "discontinuities", "dropped-malformed",
          "dropped-preroll", "dropped-waiting", "dropped-flow", "last-arrival"})
        EXPECT_EQ(stat(name), 0U) << name;
}

TEST_F(PayState, CyclesAHundredTimes) {
    set("seqnum-offset", "7");
    start(kH264Caps);
    for (int i = 0; i < 100; ++i) {
        push_unit(0, 2, kKeySlice);
        push(Packet{sequence_++, 3600, false}); // pending when it stops
        EXPECT_EQ(take_sequences(), (Sequences{7, 8})) << i;
        ASSERT_EQ(set_state(i % 2 == 0 ? GST_STATE_NULL : GST_STATE_READY),
                  GST_STATE_CHANGE_SUCCESS);
        ASSERT_EQ(set_state(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
        EXPECT_EQ(get("seqnum"), "7");
        feed_caps();
    }
    EXPECT_EQ(stat("packets"), 200U); // since the element was made
}

TEST_F(PayState, ANewRunWaitsForNoKeyFrame) {
    start(kH264Caps);
    push_unit(0, 1, kKeySlice);
    set_state(GST_STATE_READY);
    set_state(GST_STATE_PLAYING);
    take();
    feed_caps();
    push_unit(0, 1);
    EXPECT_EQ(take().size(), 1U);
}

TEST_F(PayState, GoesOnThroughPause) {
    start(kH264Caps);
    push_unit(0, 1);
    set_state(GST_STATE_PAUSED);
    push_unit(3600, 1); // live: the server's sinks decide what to do with it
    set_state(GST_STATE_PLAYING);
    push_unit(7200, 1);
    EXPECT_EQ(take_sequences(), (Sequences{100, 101, 102}));
}

// GStreamer's udpsrc would stop for good.
TEST_F(PayState, UpstreamNeverSeesAnError) {
    start(kH264Caps);
    guint64 dropped = 0;
    for (const GstFlowReturn flow :
         {GST_FLOW_ERROR, GST_FLOW_FLUSHING, GST_FLOW_NOT_LINKED, GST_FLOW_EOS,
          GST_FLOW_NOT_NEGOTIATED, GST_FLOW_NOT_SUPPORTED, GST_FLOW_CUSTOM_ERROR}) {
        answer(flow);
        push_unit(0, 3);
        push_unit(3600, 1);
        EXPECT_EQ(push_list({{sequence_, 7200, true}}), GST_FLOW_OK);
        ++sequence_;
        dropped += 5;
        EXPECT_EQ(stat("dropped-flow"), dropped) << gst_flow_get_name(flow);
    }
    take();
    answer(std::nullopt);
    push_unit(10800, 1);
    EXPECT_EQ(take_sequences(), Sequences{135}); // numbers that were given out are gone
    EXPECT_EQ(stat("dropped-flow"), dropped);
}

TEST_F(PayState, NorIfNobodyIsLinked) {
    start(kH264Caps);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "src"));
    ASSERT_TRUE(gst_pad_unlink(pad.get(), harness()->sinkpad));
    push_unit(0, 3);
    EXPECT_EQ(stat("dropped-flow"), 3U);
    ASSERT_EQ(gst_pad_link(pad.get(), harness()->sinkpad), GST_PAD_LINK_OK);
    take();
    push_unit(3600, 1);
    EXPECT_EQ(take_sequences(), Sequences{103});
}

TEST_F(PayState, NorBeforeCaps) {
    start(nullptr);
    push_stream_start();
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    push_event(gst_event_new_segment(&segment));
    EXPECT_EQ(push(Packet{1, 0, true}), GST_FLOW_OK);
    EXPECT_TRUE(take_log().empty()); // nobody would know what it is
    EXPECT_EQ(stat("dropped-preroll"), 1U);
    push_event(gst_event_new_flush_start()); // takes the segment back, which comes after the caps
    push_event(gst_event_new_flush_stop(TRUE));
    gst_harness_set_src_caps_str(harness(), kH264Caps);
    EXPECT_EQ(push(Packet{2, 0, true}), GST_FLOW_OK);
    EXPECT_EQ(take_log(), (Names{"stream-start", "caps", "segment", "packets"}));
}

// Every property and the statistics, from another thread, while packets, sources and caps come.
TEST_F(PayState, PropertiesMayChangeWhilePacketsFlow) {
    start(kH264Caps);
    std::atomic<bool> stop{false};
    std::thread other([this, &stop] {
        for (unsigned i = 0; !stop.load(); ++i) {
            set("ssrc", i % 2 == 0 ? "-1" : "7");
            set("seqnum-offset", i % 2 == 0 ? "5" : "-1");
            set("timestamp-offset", i % 2 == 0 ? "5" : "-1");
            set("pt", i % 2 == 0 ? "96" : "97");
            set("mtu", "1000");
            set("group-timeout", i % 2 == 0 ? "0" : "1000");
            set("key-frame-timeout", i % 2 == 0 ? "0" : "1000");
            set("swallow-eos", "true");
            if (i % 2 == 0)
                set("caps", kH264Caps);
            else
                g_object_set(element(), "caps", nullptr, nullptr);
            for (const char* property : {"caps", "ssrc", "pt", "seqnum", "timestamp"})
                get(property);
            stat("packets");
        }
    });
    guint64 pushed = 0;
    for (std::uint32_t unit = 0; unit < 3000; ++unit) {
        push_unit(unit * 3600, 3, unit % 10 == 0 ? kKeySlice : kSlice);
        pushed += 3;
        if (unit % 100 == 99) {
            push_event(gst_event_new_eos());
            feed_caps(unit % 200 == 99 ? kH264Caps : kUnknownCaps);
        }
    }
    stop.store(true);
    other.join();
    EXPECT_EQ(stat("packets") + stat("dropped-waiting") + stat("dropped-preroll"), pushed);
    EXPECT_GT(stat("packets"), 0U);
    EXPECT_EQ(take().size(), stat("packets"));
}

// The server's thread takes the element down while the camera's thread brings packets.
TEST_F(PayState, StopsWhilePacketsFlow) {
    start(kH264Caps);
    std::atomic<bool> stop{false};
    std::mutex start_gate; // no packet is under way while the element starts
    std::thread camera([&] {
        for (std::uint32_t packet = 0; !stop.load(); ++packet) {
            const std::lock_guard guard(start_gate);
            push(Packet{static_cast<std::uint16_t>(packet), packet / 2 * 3600, packet % 2 == 1,
                        packet % 2 == 0 ? kKeySlice : kSlice});
        }
    });
    for (int i = 0; i < 100; ++i) {
        if (i % 2 == 0)
            set("caps", kH264Caps);
        else
            g_object_set(element(), "caps", nullptr, nullptr);
        ASSERT_EQ(set_state(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
        take();
        {
            const std::lock_guard guard(start_gate);
            ASSERT_EQ(set_state(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
        }
        EXPECT_TRUE(i % 10 >= 2 || eventually([this] { return !take().empty(); })) << i;
    }
    stop.store(true);
    camera.join();
}

} // namespace
} // namespace rtspproxy::tests
