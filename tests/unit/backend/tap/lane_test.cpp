#include "app/backend/tap/lane.hpp"

#include "tests/unit/backend/tap/wire.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace rtspproxy::backend::tests {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

class LaneTest : public ::testing::Test {
  protected:
    Lane::Step next(const Rtp& fields, std::uint64_t now = 0) {
        const Bytes bytes = rtp_packet(fields);
        return lane_.next(Lane::Packet::read(bytes), now);
    }
    // Packets `first` to `last`; how many went through rtspsrc.
    unsigned run(unsigned first, unsigned last) {
        unsigned through = 0;
        for (unsigned sequence = first; sequence <= last; ++sequence)
            through += next({.sequence = static_cast<std::uint16_t>(sequence)}).through ? 1U : 0U;
        return through;
    }

    Lane lane_;
};

TEST_F(LaneTest, EverythingGoesThroughUntilTheTrackIsThere) {
    for (std::uint16_t sequence = 65530; sequence != 10; ++sequence) {
        const auto step = next({.sequence = sequence});
        ASSERT_FALSE(step.direct);
        ASSERT_TRUE(step.through);
        ASSERT_EQ(step.through_sequence, sequence);
    }
}

TEST_F(LaneTest, ThenOneIn256IsASampleWithTheNextNumber) {
    std::ignore = next({.sequence = 100});
    std::ignore = next({.sequence = 101}); // rtspsrc adds the pad for the first while this waits
    lane_.establish(0x1234, 96);
    std::uint16_t expected = 102;
    for (unsigned sequence = 102; sequence < 102 + 1024; ++sequence) {
        const auto step = next({.sequence = static_cast<std::uint16_t>(sequence)});
        ASSERT_TRUE(step.direct);
        ASSERT_EQ(step.direct_sequence, sequence);
        ASSERT_EQ(step.through, (sequence - 101) % 256 == 0) << sequence;
        if (step.through) {
            ASSERT_EQ(step.through_sequence, expected++);
        }
    }
    EXPECT_EQ(expected, 106);
}

TEST_F(LaneTest, ATrackWithFewPacketsIsSampledOnceASecond) {
    std::ignore = next({.sequence = 1});
    lane_.establish(0x1234, 96);
    unsigned through = 0;
    for (unsigned i = 1; i <= 100; ++i)
        through +=
            next({.sequence = static_cast<std::uint16_t>(1 + i)}, i * 100 * kMillisecond).through
                ? 1U
                : 0U;
    EXPECT_NEAR(through, 10, 1);
}

TEST_F(LaneTest, SamplesShowTheShareOfLosses) {
    std::ignore = next({.sequence = 0});
    lane_.establish(0x1234, 96);
    std::uint16_t last = 0;
    unsigned samples = 0;
    unsigned sequence = 0;
    for (unsigned i = 0; i < 256 * 100; ++i) {
        sequence += 1;
        if (i % 10 == 9) { // one in eleven
            sequence += 1;
            lane_.lost(1);
        }
        const auto step = next({.sequence = static_cast<std::uint16_t>(sequence)});
        if (step.through) {
            ++samples;
            last = step.through_sequence;
        }
    }
    EXPECT_EQ(samples, 100U);
    EXPECT_NEAR(last, 110, 1);
}

TEST_F(LaneTest, AnotherSourceGoesThroughUnchangedUntilItHasAPad) {
    std::ignore = next({.sequence = 10});
    lane_.establish(0x1234, 96);
    EXPECT_EQ(run(11, 20), 0U);
    auto step = next({.sequence = 5000, .ssrc = 0x9999});
    EXPECT_FALSE(step.direct);
    EXPECT_EQ(step.through_sequence, 5000);
    lane_.establish(0x9999, 96);
    step = next({.sequence = 5001, .ssrc = 0x9999});
    EXPECT_TRUE(step.direct);
    EXPECT_EQ(step.direct_sequence, 5001);
    // Stragglers of the old one have the pad that is not linked any more.
    EXPECT_FALSE(next({.sequence = 21}).direct);
}

TEST_F(LaneTest, AStrayChangesNothingForTheTrack) {
    std::ignore = next({.sequence = 10});
    lane_.establish(0x1234, 96);
    EXPECT_EQ(run(11, 10 + 300), 1U); // number 11
    const auto stray = next({.sequence = 5000, .ssrc = 0x9999});
    EXPECT_TRUE(stray.through);
    EXPECT_FALSE(stray.direct);
    EXPECT_EQ(stray.through_sequence, 5000);
    EXPECT_EQ(run(311, 310 + 211), 0U);
    const auto step = next({.sequence = 522});
    EXPECT_TRUE(step.direct);
    EXPECT_EQ(step.direct_sequence, 522);
    EXPECT_TRUE(step.through);
    EXPECT_EQ(step.through_sequence, 12) << "the number after the last sample's";
}

TEST_F(LaneTest, AnotherPayloadTypeGoesThroughUnderTheNumbersThatRtspsrcKnows) {
    std::ignore = next({.sequence = 10});
    lane_.establish(0x1234, 96);
    EXPECT_EQ(run(11, 10 + 300), 1U); // number 11
    auto step = next({.sequence = 311, .payload_type = 97});
    EXPECT_FALSE(step.direct);
    EXPECT_EQ(step.through_sequence, 12);
    step = next({.sequence = 312, .payload_type = 97});
    EXPECT_EQ(step.through_sequence, 13);
    lane_.establish(0x1234, 97);
    // The payloader, which got 12 and 13, sees no jump.
    step = next({.sequence = 313, .payload_type = 97});
    EXPECT_TRUE(step.direct);
    EXPECT_EQ(step.direct_sequence, 14);
    step = next({.sequence = 315, .payload_type = 97});
    EXPECT_EQ(step.direct_sequence, 16);
}

} // namespace
} // namespace rtspproxy::backend::tests
