// rtprelaybuffer in a harness.
#include "tests/element/relay/element_fixture.hpp"

#include <atomic>
#include <random>
#include <thread>

namespace rtspproxy::tests {
namespace {

constexpr const char* kCaps = "application/x-rtp, media=(string)video, payload=(int)96, "
                              "clock-rate=(int)90000, encoding-name=(string)H264, ssrc=(uint)1";
using Sequences = std::vector<std::uint16_t>;
using Names = std::vector<std::string>;

class BufferTest : public ElementTest {
  protected:
    // With a latency that nothing here outlasts unless told otherwise.
    explicit BufferTest(const char* latency = "10000") : ElementTest("rtprelaybuffer") {
        set("latency", latency);
        start(kCaps);
        take_log();
        take_events();
    }
    void push_all(const Sequences& sequences) {
        for (const auto sequence : sequences)
            EXPECT_EQ(push(Packet{sequence, 0}), GST_FLOW_OK);
    }
    Sequences take_sequences() {
        Sequences all;
        for (const Packet& packet : take())
            all.push_back(packet.sequence);
        return all;
    }
    Ref<GstPad> request_rtcp() {
        return Ref<GstPad>::adopt(gst_element_request_pad(
            element(), gst_element_get_pad_template(element(), "sink_rtcp"), nullptr, nullptr));
    }
};

TEST_F(BufferTest, PassesPacketsInOrderAtOnce) {
    for (const auto sequence : Sequences{65534, 65535, 0, 1, 2}) {
        push_all({sequence});
        EXPECT_EQ(take_sequences(), Sequences{sequence});
    }
}

TEST_F(BufferTest, ChangesNothing) {
    Packet packet{5, 777, true, Bytes(1400, 0x5a), 0xabcdef, 33};
    auto buffer = buffer_of(bytes_of(packet));
    GST_BUFFER_PTS(buffer.get()) = 123;
    GST_BUFFER_DTS(buffer.get()) = 122;
    push(std::move(buffer));
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].packets, std::vector<Bytes>{bytes_of(packet)});
    EXPECT_EQ(groups[0].times, std::vector<GstClockTime>{123});
    EXPECT_EQ(groups[0].decoding_times, std::vector<GstClockTime>{122});
    EXPECT_TRUE(groups[0].writable); // and keeps no hold on it
}

TEST_F(BufferTest, PutsLatePacketsBack) {
    push_all({10, 13, 11, 12, 14});
    EXPECT_EQ(take_sequences(), (Sequences{10, 11, 12, 13, 14}));
    EXPECT_EQ(stat("num-reordered"), 2U);
    EXPECT_EQ(stat("num-lost"), 0U);
}

TEST_F(BufferTest, DropsDuplicates) {
    push_all({1, 2, 2, 4, 4, 3});
    EXPECT_EQ(take_sequences(), (Sequences{1, 2, 3, 4}));
    EXPECT_EQ(stat("num-dropped"), 2U);
}

TEST_F(BufferTest, TakesListsToo) {
    EXPECT_EQ(push_list({{1}, {3}, {2}}), GST_FLOW_OK);
    EXPECT_EQ(take_sequences(), (Sequences{1, 2, 3}));
}

TEST_F(BufferTest, DropsWhatIsNoRtp) {
    push_all({1});
    for (const Bytes& bytes : {Bytes{}, Bytes{0x80}, Bytes(11, 0x80), Bytes(100, 0x00),
                               Bytes(100, 0x40), Bytes(100, 0xc0)})
        EXPECT_EQ(push(bytes), GST_FLOW_OK);
    EXPECT_EQ(stat("num-malformed"), 6U);
    push_all({2});
    EXPECT_EQ(take_sequences(), (Sequences{1, 2}));
    EXPECT_EQ(stat("num-lost"), 0U);
}

TEST_F(BufferTest, ReadsAHeaderThatIsInPieces) {
    const Bytes bytes = bytes_of(Packet{7, 0});
    auto buffer = buffer_of({bytes[0], bytes[1], bytes[2]});
    buffer = Ref<GstBuffer>::adopt(gst_buffer_append(
        buffer.release(), buffer_of(Bytes(bytes.begin() + 3, bytes.end())).release()));
    push(std::move(buffer));
    push_all({8});
    EXPECT_EQ(take_sequences(), (Sequences{7, 8}));
}

TEST_F(BufferTest, GivesAGapUpAfterItsLatency) {
    set("latency", "10");
    push_all({1, 3});
    EXPECT_EQ(take_sequences(), Sequences{1});
    std::this_thread::sleep_for(11ms);
    push_all({4});
    EXPECT_EQ(take_sequences(), (Sequences{3, 4}));
    EXPECT_EQ(stat("num-lost"), 1U);
    push_all({2});
    EXPECT_EQ(take_sequences(), Sequences{});
    EXPECT_EQ(stat("num-dropped"), 1U);
}

TEST_F(BufferTest, PassesEverythingOnWithoutALatency) {
    set("latency", "0");
    push_all({5, 7, 6, 6});
    EXPECT_EQ(take_sequences(), (Sequences{5, 7, 6, 6}));
}

TEST_F(BufferTest, FollowsItsLatencyAtOnce) {
    push_all({1, 3, 4});
    EXPECT_EQ(take_sequences(), Sequences{1});
    set("latency", "0");
    push_all({6});
    EXPECT_EQ(take_sequences(), (Sequences{3, 4, 6}));
}

TEST_F(BufferTest, LetsNothingOvertakeAPacketAtTheEnd) {
    push_all({1, 3, 4});
    EXPECT_TRUE(push_event(gst_event_new_eos()));
    EXPECT_EQ(take_log(), (Names{"packets", "packets", "packets", "eos"}));
    EXPECT_EQ(take_sequences(), (Sequences{1, 3, 4}));
    EXPECT_EQ(stat("num-lost"), 1U);
}

TEST_F(BufferTest, SendsWhatItHoldsBeforeOtherCaps) {
    push_all({1, 3});
    take_log();
    gst_harness_set_src_caps_str(harness(), "application/x-rtp, payload=(int)97");
    const Names log = take_log();
    ASSERT_GE(log.size(), 2U);
    EXPECT_EQ(log[0], "packets");
    EXPECT_EQ(log[1], "caps");
}

TEST_F(BufferTest, BeginsAnewWithAnotherStream) {
    push_all({1000, 1002});
    take_log();
    push_stream_start();
    EXPECT_EQ(take_log(), (Names{"packets", "stream-start"}));
    take();
    push_all({990, 992, 991}); // its own numbers, which are not late
    EXPECT_EQ(take_sequences(), (Sequences{990, 991, 992}));
}

TEST_F(BufferTest, AFlushForgetsWhatIsHeld) {
    push_all({1000, 1002});
    take();
    EXPECT_TRUE(push_event(gst_event_new_flush_start()));
    EXPECT_TRUE(push_event(gst_event_new_flush_stop(FALSE)));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    push_event(gst_event_new_segment(&segment));
    EXPECT_EQ(take_events(), (Names{"flush-start", "flush-stop", "segment"}));
    push_all({990, 991});
    EXPECT_EQ(take_sequences(), (Sequences{990, 991}));
}

TEST_F(BufferTest, PassesOtherEventsOn) {
    EXPECT_TRUE(push_event(gst_event_new_gap(0, GST_SECOND)));
    EXPECT_TRUE(push_event(
        gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty("anything"))));
    EXPECT_EQ(take_events(), (Names{"gap", "custom-downstream"}));
    EXPECT_TRUE(gst_harness_push_upstream_event(
        harness(), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                                        gst_structure_new_empty("GstForceKeyUnit"))));
}

TEST_F(BufferTest, PassesTheCapsAndTheLatencyQueryOn) {
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "src"));
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad.get()));
    const GCharPtr text(gst_caps_to_string(caps.get()));
    EXPECT_STREQ(text.get(), kCaps);
    gst_harness_set_upstream_latency(harness(), 30 * GST_MSECOND);
    // In order nothing is delayed, so nothing is added.
    EXPECT_EQ(gst_harness_query_latency(harness()), 30 * GST_MSECOND);
}

TEST_F(BufferTest, TellsUpstreamWhatDownstreamSaid) {
    for (const GstFlowReturn flow : {GST_FLOW_ERROR, GST_FLOW_FLUSHING, GST_FLOW_NOT_LINKED}) {
        answer(flow);
        EXPECT_EQ(push(Packet{1}), flow);
        set_state(GST_STATE_READY); // begin anew
        set_state(GST_STATE_PLAYING);
        push_stream_start();
        gst_harness_set_src_caps_str(harness(), kCaps);
    }
    answer(std::nullopt);
    EXPECT_EQ(push(Packet{1}), GST_FLOW_OK);
    answer(GST_FLOW_ERROR);
    EXPECT_EQ(push(Packet{3}), GST_FLOW_OK); // held: nobody was asked
    EXPECT_EQ(push(Packet{2}), GST_FLOW_ERROR);
}

TEST_F(BufferTest, ForgetsWhatItHoldsWhenItStops) {
    for (int i = 0; i < 100; ++i) {
        push_all({1000, 1002, 1003});
        EXPECT_EQ(take_sequences(), Sequences{1000});
        ASSERT_EQ(set_state(i % 2 == 0 ? GST_STATE_NULL : GST_STATE_READY),
                  GST_STATE_CHANGE_SUCCESS);
        ASSERT_EQ(set_state(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
        push_stream_start();
        gst_harness_set_src_caps_str(harness(), kCaps);
    }
}

TEST_F(BufferTest, PropertiesAreDocumentedAndReadBack) {
    EXPECT_EQ(check_properties(element()), 2U);
}

class BufferDefaults : public ElementTest {
  protected:
    BufferDefaults() : ElementTest("rtprelaybuffer") {}
};

TEST_F(BufferDefaults, AreThoseOfTheirDocumentation) {
    EXPECT_EQ(get("latency"), "20");
    for (const char* name : {"num-lost", "num-reordered", "num-dropped", "num-malformed"})
        EXPECT_EQ(stat(name), 0U) << name;
}

TEST_F(BufferTest, ReportsEndAtItsRtcpPad) {
    // By its name, as rtpbin asks for it.
    const auto pad = Ref<GstPad>::adopt(gst_element_request_pad_simple(element(), "sink_rtcp"));
    ASSERT_TRUE(pad);
    EXPECT_TRUE(gst_pad_is_active(pad.get()));
    gst_pad_send_event(pad.get(), gst_event_new_stream_start("rtcp"));
    const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string("application/x-rtcp"));
    EXPECT_TRUE(gst_pad_send_event(pad.get(), gst_event_new_caps(caps.get())));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    EXPECT_TRUE(gst_pad_send_event(pad.get(), gst_event_new_segment(&segment)));
    EXPECT_EQ(gst_pad_chain(pad.get(), buffer_of(Bytes(28, 0x80)).release()), GST_FLOW_OK);
    EXPECT_EQ(gst_pad_chain(pad.get(), buffer_of({}).release()), GST_FLOW_OK);
    EXPECT_TRUE(gst_pad_send_event(pad.get(), gst_event_new_eos()));
    EXPECT_TRUE(take_log().empty());
    gst_element_release_request_pad(element(), pad.get());
}

TEST_F(BufferTest, HasOneRtcpPadAtATime) {
    for (int i = 0; i < 3; ++i) {
        const auto pad = request_rtcp();
        ASSERT_TRUE(pad);
        EXPECT_EQ(element()->numsinkpads, 2);
        EXPECT_FALSE(request_rtcp());
        gst_element_release_request_pad(element(), pad.get());
        EXPECT_EQ(element()->numsinkpads, 1);
        EXPECT_EQ(G_OBJECT(pad.get())->ref_count, 1U);
    }
}

TEST_F(BufferTest, CyclesWithItsRtcpPad) {
    const auto pad = request_rtcp();
    for (int i = 0; i < 20; ++i) {
        set_state(GST_STATE_NULL);
        EXPECT_FALSE(gst_pad_is_active(pad.get()));
        set_state(GST_STATE_PLAYING);
        EXPECT_TRUE(gst_pad_is_active(pad.get()));
    }
    gst_element_release_request_pad(element(), pad.get());
}

// Latency and statistics from another thread, while packets come in disorder.
TEST_F(BufferTest, PropertiesMayChangeWhilePacketsFlow) {
    std::atomic<bool> stop{false};
    std::thread other([this, &stop] {
        for (unsigned i = 0; !stop.load(); ++i) {
            set("latency", i % 3 == 0 ? "1" : i % 3 == 1 ? "100" : "10000");
            get("latency");
            stat("num-lost");
        }
    });
    std::mt19937 random(4);
    guint64 pushed = 0;
    for (std::uint16_t base = 0; base < 20000; ++base) {
        EXPECT_EQ(push(Packet{static_cast<std::uint16_t>(base + random() % 8)}), GST_FLOW_OK);
        ++pushed;
    }
    stop.store(true);
    other.join();
    push_event(gst_event_new_eos());
    const Sequences out = take_sequences();
    EXPECT_EQ(out.size() + stat("num-dropped"), pushed);
    for (std::size_t i = 1; i < out.size(); ++i)
        ASSERT_GT(out[i], out[i - 1]);
}

} // namespace
} // namespace rtspproxy::tests
