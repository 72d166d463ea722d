// rtprelaypay: with caps known beforehand a server finds the track prepared without a packet.
#include "tests/element/relay/pay_fixture.hpp"

#include <atomic>
#include <thread>

namespace rtspproxy::tests {
namespace {

class PayPreroll : public PayTest {
  protected:
    PayPreroll() { set("caps", kH264Caps); }
    ~PayPreroll() override { unblock(); }

    // Blocks as gst-rtsp-server does: at the first buffer or GAP.
    void block() { block(pad_.get()); }
    void block(GstPad* pad) {
        blocked_pad_ = Ref<GstPad>::share(pad);
        probe_ = gst_pad_add_probe(
            pad,
            static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BLOCK |
                                         GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM),
            [](GstPad*, GstPadProbeInfo* info, gpointer self) {
                const bool event = (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0;
                if (event && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_GAP)
                    return GST_PAD_PROBE_PASS;
                static_cast<PayPreroll*>(self)->blocked_.fetch_add(1);
                return GST_PAD_PROBE_OK;
            },
            this, nullptr);
    }
    void unblock() {
        if (probe_ != 0)
            gst_pad_remove_probe(blocked_pad_.get(), std::exchange(probe_, 0));
    }
    [[nodiscard]] bool wait_blocked(int times = 1) {
        return eventually([this, times] { return blocked_.load() >= times; });
    }

    Ref<GstPad> pad_ = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "src"));
    Ref<GstPad> blocked_pad_;
    gulong probe_ = 0;
    std::atomic<int> blocked_{0};
};

TEST_F(PayPreroll, IsAGapAtZero) {
    start(nullptr);
    ASSERT_TRUE(eventually([this] { return !!last_event(GST_EVENT_GAP); }));
    GstClockTime timestamp = 1;
    GstClockTime duration = 0;
    gst_event_parse_gap(last_event(GST_EVENT_GAP).get(), &timestamp, &duration);
    EXPECT_EQ(timestamp, 0U); // a sink that synchronises would sleep for any other
    EXPECT_EQ(duration, GST_CLOCK_TIME_NONE);
    EXPECT_EQ(take_log(), (Names{"stream-start", "caps", "segment", "gap"}));
}

TEST_F(PayPreroll, TheCapsAreKnownAsSoonAsTheElementIsReadyToFlow) {
    set_state(GST_STATE_PAUSED);
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad_.get()));
    ASSERT_TRUE(caps);
    const GCharPtr text(gst_caps_to_string(caps.get()));
    EXPECT_STREQ(text.get(), kH264Caps);
}

TEST_F(PayPreroll, IsNotMadeWithoutKnownCaps) {
    g_object_set(element(), "caps", nullptr, nullptr);
    start(nullptr);
    EXPECT_TRUE(throughout([this] { return take_events().empty(); }, 50ms));
}

TEST_F(PayPreroll, HoldsNoPacketUpWhileItIsBlocked) {
    block();
    start(kH264Caps);
    ASSERT_TRUE(wait_blocked());
    push_unit(0, 3, kKeySlice);
    push_unit(3600, 2);
    push(framed({{105, 7200, false}, {106, 7200, true}}));
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(stat("dropped-preroll"), 7U);
    EXPECT_GT(stat("last-arrival"), 0U); // the camera lives
    EXPECT_EQ(take_messages(), Names{"rtp-relay-flowing"});
    unblock();
    ASSERT_TRUE(wait_until_open());
    EXPECT_EQ(take_messages(), Names{});
}

TEST_F(PayPreroll, TheStreamBeginsWithTheFirstPacketThatIsPassedOn) {
    set("seqnum-offset", "500");
    set("timestamp-offset", "600");
    set("ssrc", "700");
    block();
    start(kH264Caps);
    ASSERT_TRUE(wait_blocked());
    EXPECT_EQ(get("seqnum"), "500"); // what a client is told beforehand is true
    EXPECT_EQ(get("timestamp"), "600");
    EXPECT_EQ(stat("ssrc"), 700U);
    push_unit(1000, 3);
    EXPECT_EQ(get("seqnum"), "500");
    unblock();
    std::vector<Packet> packets;
    ASSERT_TRUE(eventually([&] {
        push(Packet{9000, 123456, true});
        packets = take();
        return !packets.empty();
    }));
    EXPECT_EQ(packets.front(), (Packet{500, 600, true, kSlice, 700, 96}));
}

TEST_F(PayPreroll, GarbageIsGarbageWhileItIsBlocked) {
    block();
    start(kH264Caps);
    ASSERT_TRUE(wait_blocked());
    push(Bytes{});
    push(Bytes(100, 0x00));
    EXPECT_EQ(stat("dropped-malformed"), 2U);
    EXPECT_EQ(stat("dropped-preroll"), 0U);
    EXPECT_EQ(stat("last-arrival"), 0U);
    EXPECT_EQ(take_messages(), Names{});
}

TEST_F(PayPreroll, TheElementStopsWhileItIsBlocked) {
    for (int i = 1; i <= 100; ++i) {
        block();
        if (i == 1)
            start(kH264Caps);
        else
            set_state(GST_STATE_PLAYING);
        ASSERT_TRUE(wait_blocked(i));
        EXPECT_EQ(set_state(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
        unblock();
    }
}

// The pad that is blocked need not be the element's own: it goes without waiting for that, too.
TEST_F(PayPreroll, TheElementStopsWhileItIsBlockedFurtherDown) {
    set_state(GST_STATE_NULL);
    start(nullptr);
    ASSERT_TRUE(eventually([this] { return !!last_event(GST_EVENT_GAP); }));
    block(harness()->sinkpad);
    for (int i = 1; i <= 5; ++i) {
        set_state(GST_STATE_READY);
        set_state(GST_STATE_PLAYING);
        push_stream_start();
        gst_harness_set_src_caps_str(harness(), kH264Caps);
        ASSERT_TRUE(wait_blocked(i));
        push_unit(0);
        EXPECT_EQ(set_state(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
        unblock();
        block(harness()->sinkpad);
    }
}

TEST_F(PayPreroll, TheElementStopsAtAnyMoment) {
    block();
    start(nullptr);
    for (int i = 0; i < 300; ++i) {
        set_state(GST_STATE_NULL);
        set_state(GST_STATE_PLAYING);
        for (int spin = 0; spin < i % 20; ++spin)
            std::this_thread::yield();
    }
    EXPECT_EQ(set_state(GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

// What an earlier run of the element left behind must not open a later one, or the thread that
// brings packets would wait in the blocked pad, and whoever stops it would wait for that thread.
TEST_F(PayPreroll, AnEarlierOneOpensNothing) {
    block();
    start(nullptr);
    for (int i = 0; i < 100; ++i) {
        set_state(GST_STATE_READY);
        set_state(GST_STATE_PLAYING);
        push_stream_start();
        gst_harness_set_src_caps_str(harness(), kH264Caps);
        for (int packet = 0; packet < 20; ++packet) {
            push_unit(0);
            std::this_thread::yield();
        }
    }
    EXPECT_EQ(stat("dropped-preroll"), 2000U);
    EXPECT_TRUE(take().empty());
}

TEST_F(PayPreroll, AnEndOfStreamDoesNotWaitForIt) {
    block();
    start(kH264Caps);
    ASSERT_TRUE(wait_blocked());
    EXPECT_FALSE(gst_element_send_event(element(), gst_event_new_eos()));
    unblock();
    ASSERT_TRUE(wait_until_open());
    EXPECT_TRUE(gst_element_send_event(element(), gst_event_new_eos()));
    EXPECT_EQ(take_events(), Names{"eos"});
}

TEST_F(PayPreroll, CapsMayBeTakenAwayMeanwhile) {
    start(nullptr);
    for (int i = 0; i < 300; ++i) {
        set_state(GST_STATE_NULL);
        set("caps", kH264Caps);
        set_state(GST_STATE_PLAYING);
        if (i % 3 != 0)
            std::this_thread::yield();
        g_object_set(element(), "caps", nullptr, nullptr);
    }
    // The run that began with them goes on with them.
    set_state(GST_STATE_NULL);
    set("caps", kH264Caps);
    block();
    set_state(GST_STATE_PLAYING);
    ASSERT_TRUE(wait_blocked());
    g_object_set(element(), "caps", nullptr, nullptr);
    push_stream_start();
    gst_harness_set_src_caps_str(harness(), kAudioCaps);
    unblock();
    ASSERT_TRUE(wait_until_open());
    EXPECT_EQ(output_caps(), kH264Caps);
}

TEST_F(PayPreroll, EachRunHasItsOwn) {
    start(kH264Caps);
    ASSERT_TRUE(wait_until_open());
    for (int i = 0; i < 10; ++i) {
        set_state(GST_STATE_READY);
        take_log();
        set_state(GST_STATE_PLAYING);
        push_stream_start();
        gst_harness_set_src_caps_str(harness(), kH264Caps);
        ASSERT_TRUE(wait_until_open());
    }
}

TEST_F(PayPreroll, DownstreamMayRefuseIt) {
    const gulong refuse = gst_pad_add_probe(
        pad_.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        [](GstPad*, GstPadProbeInfo* info, gpointer) {
            return GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_GAP
                       ? GST_PAD_PROBE_DROP
                       : GST_PAD_PROBE_OK;
        },
        nullptr, nullptr);
    start(kH264Caps);
    EXPECT_TRUE(wait_until_open());
    gst_pad_remove_probe(pad_.get(), refuse);
}

} // namespace
} // namespace rtspproxy::tests
