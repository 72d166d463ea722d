// rtprelaypay: nothing of the back end's stream but its packets goes downstream.
#include "tests/element/relay/pay_fixture.hpp"

namespace rtspproxy::tests {
namespace {

class PayEvents : public PayTest {
  protected:
    void SetUp() override {
        start(kH264Caps);
        take_events();
    }
    Ref<GstPad> pad(const char* name) {
        return Ref<GstPad>::adopt(gst_element_get_static_pad(element(), name));
    }
};

TEST_F(PayEvents, StayUpstream) {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    segment.start = segment.position = 5 * GST_SECOND;
    EXPECT_TRUE(push_event(gst_event_new_segment(&segment)));
    EXPECT_TRUE(push_event(gst_event_new_gap(0, GST_SECOND)));
    EXPECT_TRUE(push_event(gst_event_new_tag(gst_tag_list_new(GST_TAG_TITLE, "camera", nullptr))));
    EXPECT_TRUE(push_event(
        gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty("anything"))));
    EXPECT_TRUE(push_event(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                                                gst_structure_new_empty("anything"))));
    EXPECT_TRUE(push_event(gst_event_new_segment_done(GST_FORMAT_TIME, 0)));
    EXPECT_TRUE(push_stream_start());
    EXPECT_EQ(take_events(), Names{});
    push_unit(0);
    EXPECT_EQ(take().size(), 1U);
    EXPECT_EQ(take_events(), Names{});
}

TEST_F(PayEvents, AnEndOfStreamIsSwallowed) {
    push(Packet{1, 0, false});
    EXPECT_TRUE(push_event(gst_event_new_eos()));
    EXPECT_EQ(take_events(), Names{});
    EXPECT_EQ(take_sequences(), Sequences{1}); // what was pending is not lost
    EXPECT_EQ(take_messages(), (Names{"rtp-relay-flowing", "rtp-relay-ended"}));
    EXPECT_TRUE(push_stream_start());
    EXPECT_EQ(push(Packet{50, 0, true, kKeySlice}), GST_FLOW_OK);
    EXPECT_EQ(take_sequences(), Sequences{2});
}

TEST_F(PayEvents, AFlushDropsWhatIsPendingAndLeavesNoGap) {
    push_unit(0, 2);
    take();
    push(Packet{102, 3600, false});
    push(Packet{103, 3600, false});
    EXPECT_TRUE(push_event(gst_event_new_flush_start()));
    EXPECT_TRUE(push_event(gst_event_new_flush_stop(FALSE)));
    EXPECT_EQ(take_events(), Names{});
    EXPECT_EQ(stat("seqnum"), 102U);
    push_stream_start();
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    push_event(gst_event_new_segment(&segment));
    EXPECT_EQ(push(Packet{7, 7200, true, kKeySlice}), GST_FLOW_OK);
    EXPECT_EQ(take_sequences(), Sequences{102});
}

TEST_F(PayEvents, AFlushAsTheFirstThingIsHarmless) {
    EXPECT_TRUE(push_event(gst_event_new_flush_start()));
    EXPECT_TRUE(push_event(gst_event_new_flush_stop(TRUE)));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    push_event(gst_event_new_segment(&segment));
    push_unit(0);
    EXPECT_EQ(take().size(), 1U);
}

// Clients get a BYE by it.
TEST_F(PayEvents, AnEndOfStreamSentToTheElementEndsTheStream) {
    push_unit(0);
    take();
    EXPECT_TRUE(gst_element_send_event(element(), gst_event_new_eos()));
    EXPECT_EQ(take_events(), Names{"eos"});
    EXPECT_EQ(push(Packet{101, 3600, true}), GST_FLOW_OK); // the camera does not notice
    EXPECT_EQ(take().size(), 0U);
    EXPECT_EQ(stat("dropped-flow"), 1U);
}

TEST_F(PayEvents, OtherEventsSentToTheElementDoNotLeaveIt) {
    gst_element_send_event(element(), gst_event_new_reconfigure());
    gst_element_send_event(element(), gst_event_new_flush_start());
    gst_element_send_event(element(), gst_event_new_flush_stop(FALSE));
    EXPECT_EQ(take_events(), Names{});
}

TEST_F(PayEvents, FromDownstreamGoNowhere) {
    gst_harness_push_upstream_event(
        harness(), gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2.0, 40 * GST_MSECOND, GST_SECOND));
    gst_harness_push_upstream_event(harness(), gst_event_new_latency(GST_SECOND));
    gst_harness_push_upstream_event(
        harness(), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                                        gst_structure_new_empty("GstForceKeyUnit")));
    EXPECT_FALSE(gst_harness_push_upstream_event(
        harness(), gst_event_new_seek(1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
                                      GST_SEEK_TYPE_NONE, 0)));
    // The harness pushed a reconfigure when it linked; nothing of the above may follow.
    while (const auto event = Ref<GstEvent>::adopt(gst_harness_try_pull_upstream_event(harness())))
        EXPECT_EQ(GST_EVENT_TYPE(event.get()), GST_EVENT_RECONFIGURE);
}

// With an answer a server would add its processing deadline to every packet.
TEST_F(PayEvents, TheLatencyQueryIsRefused) {
    const auto query = Ref<GstQuery>::adopt(gst_query_new_latency());
    EXPECT_FALSE(gst_pad_query(pad("src").get(), query.get()));
    EXPECT_FALSE(gst_element_query(element(), query.get()));
}

// Without an answer gst-rtsp-server warns at each DESCRIBE.
TEST_F(PayEvents, TheSeekingQueryIsAnsweredWithANo) {
    const auto query = Ref<GstQuery>::adopt(gst_query_new_seeking(GST_FORMAT_TIME));
    EXPECT_TRUE(gst_pad_query(pad("src").get(), query.get()));
    gboolean seekable = TRUE;
    gst_query_parse_seeking(query.get(), nullptr, &seekable, nullptr, nullptr);
    EXPECT_FALSE(seekable);
}

TEST_F(PayEvents, TheAllocationQueryIsRefused) {
    const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(kH264Caps));
    const auto allocation = Ref<GstQuery>::adopt(gst_query_new_allocation(caps.get(), FALSE));
    EXPECT_FALSE(gst_pad_query(pad("sink").get(), allocation.get()));
}

class PayLaunch : public PayTest {};

// As gst-launch-1.0 -e wants it.
TEST_F(PayLaunch, AnEndOfStreamMayBePassedOn) {
    set("swallow-eos", "false");
    start(kH264Caps);
    take_events();
    push(Packet{1, 0, false});
    EXPECT_TRUE(push_event(gst_event_new_eos()));
    EXPECT_EQ(take_sequences(), Sequences{1});
    EXPECT_EQ(take_events(), Names{"eos"});
    EXPECT_EQ(take_messages(), (Names{"rtp-relay-flowing", "rtp-relay-ended"}));
}

TEST_F(PayLaunch, AnEndOfStreamBeforeAnythingIsSwallowedAnyway) {
    set("swallow-eos", "false");
    start(nullptr);
    EXPECT_TRUE(push_event(gst_event_new_eos()));
    EXPECT_EQ(take_events(), Names{});
    EXPECT_EQ(take_messages(), Names{"rtp-relay-ended"});
}

// The preroll holds the pad, and nobody was sent anything that would have to end.
TEST_F(PayLaunch, AnEndOfStreamSentBeforeTheStreamIsOpenIsRefused) {
    EXPECT_FALSE(gst_element_send_event(element(), gst_event_new_eos()));
    start(nullptr);
    EXPECT_FALSE(gst_element_send_event(element(), gst_event_new_eos()));
    gst_harness_set_src_caps_str(harness(), kH264Caps);
    EXPECT_TRUE(gst_element_send_event(element(), gst_event_new_eos()));
    set_state(GST_STATE_NULL);
    EXPECT_FALSE(gst_element_send_event(element(), gst_event_new_eos()));
}

} // namespace
} // namespace rtspproxy::tests
