// Continuity across sources: outages, other SSRCs, clocks that jump, silence.
#include "plugins/rtp/packet.hpp"
#include "tests/unit/rtp/continuity_fields.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::rtp::tests {
namespace {

TEST(ContinuityResume, ContinuesWithTheNextNumberAndTheElapsedTime) {
    Continuity continuity({}, kRate);
    EXPECT_EQ(continuity.map({100, 1000, kSsrc}, 10 * kSecond), (Fields{100, 1000U, kSsrc}));
    continuity.resume();
    EXPECT_EQ(continuity.map({9, 77, 0xbeef}, 16 * kSecond),
              (Fields{101, 1000 + 6 * kRate, kSsrc}));
    // From there on the new source's differences count.
    EXPECT_EQ(continuity.map({10, 77, 0xbeef}, 16 * kSecond),
              (Fields{102, 1000 + 6 * kRate, kSsrc}));
    EXPECT_EQ(continuity.map({12, 3677, 0xbeef}, 16 * kSecond + kFrame),
              (Fields{104, 1000 + 6 * kRate + 3600, kSsrc}));
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

TEST(ContinuityResume, OfTheSameSourceToo) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({100, 1000, kSsrc}, 0));
    continuity.resume(); // the camera kept SSRC and clock, and sent meanwhile
    EXPECT_EQ(continuity.map({400, 1000 + 5 * kRate, kSsrc}, 5 * kSecond),
              (Fields{101, 1000 + 5 * kRate, kSsrc}));
}

// Packets of another payload type may have timestamps of another clock.
TEST(ContinuityAside, TellsNothingOfTheClock) {
    Continuity continuity = starting_with(500, 70'000);
    static_cast<void>(continuity.map({100, 1000, kSsrc}, kSecond));
    EXPECT_EQ(continuity.map_aside({101, 4'000'000'000U, kSsrc}, kSecond).sequence, 501);
    EXPECT_EQ(continuity.next().timestamp, 70'000U);
    const auto next = continuity.map({102, 1000 + 3600, kSsrc}, kSecond + kFrame);
    EXPECT_EQ(next.sequence, 502);
    EXPECT_EQ(next.timestamp, 70'000U + 3600);
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

TEST(ContinuityAside, IsCountedByTheNextSource) {
    Continuity continuity = starting_with(500, 70'000);
    static_cast<void>(continuity.map({100, 1000, kSsrc}, kSecond));
    static_cast<void>(continuity.map_aside({101, 5, kSsrc}, kSecond));
    continuity.resume();
    EXPECT_EQ(continuity.map_aside({7, 9, kSsrc}, 2 * kSecond).sequence, 502);
    EXPECT_EQ(continuity.map({8, 9 + 3600, kSsrc}, 2 * kSecond + kFrame).sequence, 503);
}

TEST(ContinuityResume, WrapsAround) {
    Continuity continuity = starting_with(65535, 0xffffffffU);
    static_cast<void>(continuity.map({1, 1, kSsrc}, 0));
    continuity.resume();
    EXPECT_EQ(continuity.map({65535, 0xfffffff0U, kSsrc}, kSecond), (Fields{0, kRate - 1, kSsrc}));
    EXPECT_EQ(continuity.map({0, 0xe00U, kSsrc}, kSecond + kFrame),
              (Fields{1, kRate - 1 + 3600, kSsrc}));
}

TEST(ContinuityResume, AlwaysMovesForward) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({1, 500, kSsrc}, 5 * kSecond));
    continuity.resume();
    EXPECT_EQ(continuity.map({1, 500, kSsrc}, 5 * kSecond).timestamp, 501U); // no time went by
    continuity.resume();
    EXPECT_EQ(continuity.map({1, 500, kSsrc}, 4 * kSecond).timestamp,
              502U); // a clock that went back
}

TEST(ContinuityResume, CountsFromTheHighestTimestamp) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({1, 10800, kSsrc}, 0));
    static_cast<void>(continuity.map({2, 3600, kSsrc}, 0)); // a B-frame was last
    continuity.resume();
    EXPECT_EQ(continuity.map({50, 0, kSsrc}, kSecond), (Fields{3, 10800 + kRate, kSsrc}));
}

TEST(ContinuityResume, CountsFromTheHighestSequenceNumber) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({7, 0, kSsrc}, 0));
    static_cast<void>(continuity.map({5, 0, kSsrc}, 0));
    continuity.resume();
    EXPECT_EQ(continuity.map({50, 0, kSsrc}, kSecond).sequence, 8);
}

TEST(ContinuityResume, BeforeTheFirstPacketChangesNothing) {
    Continuity continuity({}, kRate);
    continuity.resume();
    EXPECT_EQ(continuity.map({9, 99, kSsrc}, 0), (Fields{9, 99U, kSsrc}));
    EXPECT_EQ(continuity.map({20, 99, kSsrc}, 0), (Fields{20, 99U, kSsrc}));
}

TEST(ContinuityResume, TwiceIsOnce) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({9, 99, kSsrc}, 0));
    continuity.resume();
    continuity.resume();
    EXPECT_EQ(continuity.map({300, 5, kSsrc}, kSecond).sequence, 10);
    EXPECT_EQ(continuity.map({302, 5, kSsrc}, kSecond).sequence, 12);
}

TEST(ContinuityResume, ClockRatesOfAudioAndNone) {
    Continuity audio({}, 44100);
    static_cast<void>(audio.map({1, 0, kSsrc}, 0));
    audio.resume();
    EXPECT_EQ(audio.map({1, 0, kSsrc}, 1500 * kMillisecond).timestamp, 66150U);

    Continuity unknown({}, 0);
    static_cast<void>(unknown.map({1, 100, kSsrc}, 0));
    unknown.resume();
    EXPECT_EQ(unknown.map({9, 7, kSsrc}, 60 * kSecond), (Fields{2, 101U, kSsrc}));
}

TEST(ContinuityResume, TheRateMayChangeWithTheSource) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({1, 0, kSsrc}, 0));
    continuity.set_clock_rate(8000);
    continuity.resume();
    EXPECT_EQ(continuity.map({1, 0, kSsrc}, 2 * kSecond).timestamp, 16000U);
}

// An outage over night: more ticks than a timestamp holds.
TEST(ContinuityResume, AfterALongOutageTheEndOfTheStreamIsTheNewSource) {
    for (const std::uint64_t hours : {7U, 10U, 14U, 24U * 365U}) {
        Continuity continuity({}, kRate);
        static_cast<void>(continuity.map({1, 1000, kSsrc}, 0));
        continuity.resume();
        const std::uint64_t later = hours * 3600 * kSecond;
        const auto ticks = static_cast<std::uint32_t>(hours * 3600 * kRate);
        EXPECT_EQ(continuity.map({1, 0, kSsrc}, later), (Fields{2, 1000 + ticks, kSsrc}));
        EXPECT_EQ(continuity.next().timestamp, 1000 + ticks) << hours;
        continuity.resume();
        EXPECT_EQ(continuity.map({1, 0, kSsrc}, later + kSecond),
                  (Fields{3, 1000 + ticks + kRate, kSsrc}));
    }
}

TEST(ContinuitySsrc, AChangeIsTakenForAnotherSource) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({100, 5000, 1}, 0));
    EXPECT_EQ(continuity.map({7, 9, 2}, 2 * kSecond), (Fields{101, 5000 + 2 * kRate, 1U}));
    EXPECT_EQ(continuity.map({8, 3609, 2}, 2 * kSecond + kFrame),
              (Fields{102, 5000 + 2 * kRate + 3600, 1U}));
    EXPECT_EQ(continuity.discontinuities(), 1U);
    EXPECT_EQ(continuity.map({1, 1, 1}, 3 * kSecond),
              (Fields{103, 5000 + 2 * kRate + 3600 + (kSecond - kFrame) / kMillisecond * 90, 1U}));
    EXPECT_EQ(continuity.discontinuities(), 2U);
}

TEST(ContinuitySsrc, AnnouncedByResumeItIsNoDiscontinuity) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({100, 5000, 1}, 0));
    continuity.resume();
    static_cast<void>(continuity.map({7, 9, 2}, kSecond));
    static_cast<void>(continuity.map({8, 9, 2}, kSecond));
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

class ContinuityClock : public ::testing::Test {
  protected:
    // One packet at 0, the next one `elapsed` later with a timestamp that `moved` so far.
    Fields second(std::uint64_t elapsed, std::int64_t moved) {
        static_cast<void>(continuity_.map({1, kFirst, kSsrc}, 0));
        return continuity_.map({2, kFirst + static_cast<std::uint32_t>(moved), kSsrc}, elapsed);
    }
    static constexpr std::uint32_t kFirst = 0x40000000;
    Continuity continuity_{{}, kRate};
};

TEST_F(ContinuityClock, JumpsForward) {
    EXPECT_EQ(second(kFrame, std::int64_t{11} * kRate), (Fields{2, kFirst + 3600, kSsrc}));
    EXPECT_EQ(continuity_.discontinuities(), 1U);
}
TEST_F(ContinuityClock, JumpsBack) {
    EXPECT_EQ(second(kFrame, -std::int64_t{11} * kRate), (Fields{2, kFirst + 3600, kSsrc}));
    EXPECT_EQ(continuity_.discontinuities(), 1U);
}
TEST_F(ContinuityClock, StandsStillForAMinute) {
    EXPECT_EQ(second(60 * kSecond, 3600), (Fields{2, kFirst + 60 * kRate, kSsrc}));
    EXPECT_EQ(continuity_.discontinuities(), 1U);
}
TEST_F(ContinuityClock, MayBeOffByTenSeconds) {
    EXPECT_EQ(second(0, std::int64_t{10} * kRate).timestamp, kFirst + 10 * kRate);
    EXPECT_EQ(continuity_.discontinuities(), 0U);
}
TEST_F(ContinuityClock, MayNotBeOffByMore) {
    EXPECT_EQ(second(0, std::int64_t{10} * kRate + 1).timestamp, kFirst + 1);
    EXPECT_EQ(continuity_.discontinuities(), 1U);
}
TEST_F(ContinuityClock, MayBeLateByTenSeconds) {
    EXPECT_EQ(second(10 * kSecond, 0).timestamp, kFirst);
    EXPECT_EQ(continuity_.discontinuities(), 0U);
}
TEST_F(ContinuityClock, GoesOnThroughASilentMinute) {
    EXPECT_EQ(second(60 * kSecond, std::int64_t{60} * kRate),
              (Fields{2, kFirst + 60 * kRate, kSsrc}));
    EXPECT_EQ(continuity_.discontinuities(), 0U);
}
TEST_F(ContinuityClock, OfUnknownRateIsNotJudged) {
    continuity_.set_clock_rate(0);
    EXPECT_EQ(second(kFrame, 1'000'000'000).timestamp, kFirst + 1'000'000'000);
    EXPECT_EQ(continuity_.discontinuities(), 0U);
}
// The six and a half hours in which a timestamp of 90 kHz goes half round.
TEST_F(ContinuityClock, IsJudgedAsLongAsADistanceMeansSomething) {
    EXPECT_EQ(second(6 * 3600 * kSecond, 3600).timestamp, kFirst + 6 * 3600 * kRate);
    EXPECT_EQ(continuity_.discontinuities(), 1U);
}
TEST_F(ContinuityClock, IsNotJudgedAfterHalfARound) {
    const std::uint32_t moved = static_cast<std::uint32_t>(8ULL * 3600 * kRate);
    EXPECT_EQ(second(8 * 3600 * kSecond, moved).timestamp, kFirst + moved);
    EXPECT_EQ(continuity_.discontinuities(), 0U);
    // …and the stream's end is where it is now.
    EXPECT_EQ(continuity_.next().timestamp, kFirst + moved);
    continuity_.resume();
    EXPECT_EQ(continuity_.map({9, 9, kSsrc}, 8 * 3600 * kSecond + kSecond).timestamp,
              kFirst + moved + kRate);
}

// Frame by frame an error may add up to more than ten seconds: a camera's clock that is too fast.
TEST_F(ContinuityClock, MayDrift) {
    Continuity continuity({}, kRate);
    for (std::uint32_t frame = 0; frame < 20000; ++frame) {
        const auto out = continuity.map({static_cast<std::uint16_t>(frame), frame * 3700, kSsrc},
                                        frame * kFrame);
        ASSERT_EQ(out.timestamp, frame * 3700);
    }
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

// A camera that begins to count afresh while SSRC and clock go on: its gap is passed on, but the
// stream's end is where the camera is now, not where the highest number was.
TEST(ContinuitySequence, FollowsASourceThatCountsAfresh) {
    Continuity continuity({}, kRate);
    static_cast<void>(continuity.map({30000, 0, kSsrc}, 0));
    EXPECT_EQ(continuity.map({5, 3600, kSsrc}, kFrame).sequence, 5);
    EXPECT_EQ(continuity.map({6, 7200, kSsrc}, 2 * kFrame).sequence, 6);
    EXPECT_EQ(continuity.next().sequence, 7);
    continuity.resume();
    EXPECT_EQ(continuity.map({900, 0, kSsrc}, kSecond).sequence, 7);
}

// Any row of sources: never a sequence number that does not follow, never a step back, one SSRC.
TEST(ContinuityResume, ManySourcesMakeOneStream) {
    Random random(3);
    Continuity continuity = starting_with(60000, 0xf0000000U);
    std::uint64_t now = 0;
    Fields last;
    bool any = false;
    for (int source = 0; source < 200; ++source) {
        auto sequence = random.next16();
        std::uint32_t timestamp = random.next();
        const std::uint32_t ssrc = random.next();
        for (int frame = 0; frame < 30; ++frame) {
            for (int packet = 0; packet < 3; ++packet) {
                const Fields out = continuity.map({sequence++, timestamp, ssrc}, now);
                if (any) {
                    ASSERT_EQ(out.sequence, static_cast<std::uint16_t>(last.sequence + 1));
                    ASSERT_GE(timestamp_distance(last.timestamp, out.timestamp), 0);
                    ASSERT_EQ(out.ssrc, last.ssrc);
                    ASSERT_LE(timestamp_distance(last.timestamp, out.timestamp),
                              static_cast<std::int32_t>(20 * kRate));
                }
                last = out;
                any = true;
            }
            timestamp += 3600;
            now += kFrame;
        }
        now += random.below(19000) * kMillisecond;
        continuity.resume();
    }
}

} // namespace
} // namespace rtspproxy::rtp::tests
