// rtprelaypay: one unbroken stream across outages.
#include "tests/element/relay/pay_fixture.hpp"

#include <thread>

namespace rtspproxy::tests {
namespace {

class PayResume : public PayTest {
  protected:
    void run(const char* caps = kH264Caps) {
        start(caps);
        take_events();
        push_unit(1000, 2, kKeySlice); // 100, 101
        push_unit(4600, 1);            // 102
        take();
    }
    // Another connection: its own numbers.
    void reconnect() {
        push_event(gst_event_new_eos());
        push_stream_start();
        sequence_ = 40000;
    }
};

TEST_F(PayResume, ContinuesNumbersAndSsrcAndAdvancesTime) {
    run();
    reconnect();
    std::this_thread::sleep_for(20ms);
    push(Packet{9, 777, false, kParameterSet, 0xbeef});
    push(Packet{10, 777, true, kKeySlice, 0xbeef});
    push(Packet{11, 777 + 3600, true, kSlice, 0xbeef});
    const auto packets = take();
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(sequences(packets), (Sequences{103, 104, 105}));
    for (const Packet& packet : packets)
        EXPECT_EQ(packet.ssrc, 0xcafeU);
    // By wall time: 20 ms at least, and no more than the test can have taken.
    EXPECT_GE(packets[0].timestamp, 4600U + 20 * 90);
    EXPECT_LT(packets[0].timestamp, 4600U + 60 * 90000);
    EXPECT_EQ(packets[1].timestamp, packets[0].timestamp);
    EXPECT_EQ(packets[2].timestamp, packets[0].timestamp + 3600);
    EXPECT_EQ(stat("sources"), 2U);
    EXPECT_EQ(stat("discontinuities"), 0U);
    EXPECT_EQ(take_events(), Names{});
}

TEST_F(PayResume, BeginsWithAKeyFrame) {
    run();
    reconnect();
    push_unit(0, 3);
    push_unit(3600, 2);
    EXPECT_EQ(take_sequences(), Sequences{});
    EXPECT_EQ(stat("dropped-waiting"), 5U);
    push_unit(7200, 3, kParameterSet);
    push_unit(10800, 1);
    EXPECT_EQ(take_sequences(), (Sequences{103, 104, 105, 106})); // as if nothing had come before
    EXPECT_EQ(stat("dropped-waiting"), 5U);
    EXPECT_EQ(stat("packets"), 7U);
}

// A key frame whose first packet is none, such as an access unit delimiter.
TEST_F(PayResume, BeginsWithTheWholeAccessUnitOfTheKeyFrame) {
    run();
    push_unit(8200, 1);
    push_unit(11800, 1);
    take();
    reconnect();
    push(Packet{1, 0, false, {0x09, 0xf0}});
    push(Packet{2, 0, false, kParameterSet});
    push(Packet{3, 0, true, kKeySlice});
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].packets.size(), 3U);
}

TEST_F(PayResume, TimestampsAdvanceFromTheOutagesBeginThoughFramesAreDropped) {
    run();
    reconnect();
    push_unit(5000, 1);
    std::this_thread::sleep_for(20ms);
    push_unit(6800, 1, kKeySlice);
    const auto packets = take();
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_GE(packets[0].timestamp, 4600U + 20 * 90);
}

TEST_F(PayResume, DoesNotWaitForEver) {
    set("key-frame-timeout", "30");
    run();
    reconnect();
    push_unit(0, 2);
    EXPECT_EQ(take_sequences(), Sequences{});
    std::this_thread::sleep_for(31ms);
    push_unit(3600, 2);
    EXPECT_EQ(take_sequences(), (Sequences{103, 104}));
    EXPECT_EQ(stat("dropped-waiting"), 2U);
    push_unit(7200, 1); // and not again
    EXPECT_EQ(take_sequences(), Sequences{105});
}

// The wait counts from the first packet, not from the beginning of the outage.
TEST_F(PayResume, WaitsThoughTheOutageWasLong) {
    set("key-frame-timeout", "10000");
    run();
    reconnect();
    std::this_thread::sleep_for(20ms);
    push_unit(0, 1);
    EXPECT_EQ(take_sequences(), Sequences{});
}

TEST_F(PayResume, DoesNotWaitAtAllIfTold) {
    set("key-frame-timeout", "0");
    run();
    reconnect();
    push_unit(0, 1);
    EXPECT_EQ(take_sequences(), Sequences{103});
}

TEST_F(PayResume, WaitsThoughTheBackEndHasNotSentOneYet) {
    start(kH264Caps);
    push_unit(0, 2); // it may have begun in the middle of a group of pictures
    take();
    reconnect();
    push_unit(0, 2);
    EXPECT_EQ(take_sequences(), Sequences{});
    push_unit(3600, 1, kKeySlice);
    EXPECT_EQ(take_sequences(), Sequences{102});
}

TEST_F(PayResume, DoesNotWaitForWhatTheBackEndNeverSent) {
    set("key-frame-timeout", "20");
    start(kH264Caps);
    push_unit(0, 2); // intra refresh: no key frame, ever
    std::this_thread::sleep_for(21ms);
    push_unit(3600, 1);
    take();
    reconnect();
    push_unit(0, 2);
    EXPECT_EQ(take_sequences(), (Sequences{103, 104}));
    EXPECT_EQ(stat("dropped-waiting"), 0U);
}

TEST_F(PayResume, DoesNotWaitForWhatCannotBeTold) {
    run(kUnknownCaps);
    reconnect();
    push_unit(0, 1);
    EXPECT_EQ(take_sequences(), Sequences{103});
}

TEST_F(PayResume, DoesNotWaitInAudio) {
    run(kAudioCaps);
    reconnect();
    push_unit(0, 1);
    EXPECT_EQ(take_sequences(), Sequences{103});
    EXPECT_EQ(stat("dropped-waiting"), 0U);
}

TEST_F(PayResume, TheFirstSourceOfAllIsNotHeldBack) {
    start(kH264Caps);
    push_stream_start();
    push_stream_start();
    push_unit(0, 2);
    EXPECT_EQ(take_sequences(), (Sequences{100, 101}));
}

TEST_F(PayResume, AfterManyOutagesThereIsNoGap) {
    run();
    Sequences expected;
    for (int outage = 0; outage < 200; ++outage) {
        reconnect();
        push_unit(0, 1); // dropped
        push_unit(3600, 2, kKeySlice);
        push_unit(7200, 1);
    }
    const auto packets = take();
    ASSERT_EQ(packets.size(), 600U);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        ASSERT_EQ(packets[i].sequence, 103 + i);
        ASSERT_EQ(packets[i].ssrc, 0xcafeU);
        if (i > 0) {
            ASSERT_GE(packets[i].timestamp, packets[i - 1].timestamp);
        }
    }
}

TEST_F(PayResume, AttemptsWithoutAPacketLeaveNoTrace) {
    run();
    for (int i = 0; i < 5; ++i)
        reconnect();
    push_unit(0, 1, kKeySlice);
    EXPECT_EQ(take_sequences(), Sequences{103});
}

TEST_F(PayResume, ASourceThatEndsWhileItIsWaitedForLeavesNoTrace) {
    run();
    reconnect();
    push_unit(0, 2);
    push(Packet{40002, 3600, false}); // pending
    reconnect();
    push_unit(0, 1);
    push_unit(3600, 1, kKeySlice);
    EXPECT_EQ(take_sequences(), Sequences{103});
}

TEST_F(PayResume, AnotherSsrcWithoutANewStreamIsSpliced) {
    run();
    push(Packet{7, 9, true, kKeySlice, 0xbeef});
    const auto packets = take();
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0].sequence, 103);
    EXPECT_EQ(packets[0].ssrc, 0xcafeU);
    EXPECT_GT(packets[0].timestamp, 4600U);
    EXPECT_EQ(stat("discontinuities"), 1U);
}

TEST_F(PayResume, ACameraThatChangesItsCodecParametersGoesOn) {
    run();
    reconnect();
    gst_harness_set_src_caps_str(harness(),
                                 "application/x-rtp, media=(string)video, payload=(int)96, "
                                 "clock-rate=(int)90000, encoding-name=(string)H264, "
                                 "profile-level-id=(string)640033");
    push_unit(0, 1, kKeySlice);
    EXPECT_EQ(take_sequences(), Sequences{103});
}

TEST_F(PayResume, EachSourcesBeginningAndEndIsPosted) {
    run();
    EXPECT_EQ(take_messages(), Names{"rtp-relay-flowing"});
    push_unit(8200, 1);
    EXPECT_EQ(take_messages(), Names{});
    reconnect();
    EXPECT_EQ(take_messages(), Names{"rtp-relay-ended"});
    push_unit(0, 1); // it flows, though it is dropped
    EXPECT_EQ(take_messages(), Names{"rtp-relay-flowing"});
    push_stream_start(); // without an end, as after a restart
    push_unit(0, 1);
    EXPECT_EQ(take_messages(), Names{"rtp-relay-flowing"});
}

} // namespace
} // namespace rtspproxy::tests
