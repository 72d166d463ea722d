// Continuity within one source: differences are kept, and the end of the stream is known.
#include "tests/unit/rtp/continuity_fields.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::rtp::tests {
namespace {

TEST(Continuity, KeepsABackEndsValuesUnlessTold) {
    Continuity continuity({});
    for (const Fields& fields :
         {Fields{17, 1000, kSsrc}, Fields{18, 1000, kSsrc}, Fields{19, 4600, kSsrc}})
        EXPECT_EQ(continuity.map(fields, 0), fields);
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

TEST(Continuity, KeepsTheGapsOfTheBackEnd) {
    Continuity continuity({});
    EXPECT_EQ(continuity.map({10, 0, kSsrc}, 0), (Fields{10, 0, kSsrc}));
    EXPECT_EQ(continuity.map({15, 3600, kSsrc}, kFrame), (Fields{15, 3600, kSsrc}));
    EXPECT_EQ(continuity.next().sequence, 16);
}

TEST(Continuity, WrapsWithTheBackEnd) {
    Continuity continuity({});
    EXPECT_EQ(continuity.map({65535, 0xfffffff0U, kSsrc}, 0), (Fields{65535, 0xfffffff0U, kSsrc}));
    EXPECT_EQ(continuity.map({0, 0x0e00U, kSsrc}, kFrame), (Fields{0, 0x0e00U, kSsrc}));
    EXPECT_EQ(continuity.next(), (Fields{1, 0x0e00U, kSsrc}));
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

TEST(Continuity, StartsWithWhatItIsTold) {
    Continuity continuity = starting_with(65534, 0xffffff00U, 1);
    EXPECT_EQ(continuity.map({100, 50, kSsrc}, 0), (Fields{65534, 0xffffff00U, 1}));
    EXPECT_EQ(continuity.map({101, 50 + 3600, kSsrc}, kFrame), (Fields{65535, 0xd10U, 1}));
    EXPECT_EQ(continuity.map({102, 50 + 7200, kSsrc}, 2 * kFrame), (Fields{0, 0x1b20U, 1}));
}

TEST(Continuity, ZeroIsAStartLikeAnyOther) {
    Continuity continuity = starting_with(0, 0, 0);
    EXPECT_EQ(continuity.map({7, 7, 7}, 0), (Fields{0, 0, 0}));
    EXPECT_EQ(continuity.map({8, 7, 7}, 0), (Fields{1, 0, 0}));
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

TEST(Continuity, EachStartValueStandsAlone) {
    EXPECT_EQ(starting_with(1).map({9, 8, 7}, 0), (Fields{1, 8, 7}));
    EXPECT_EQ(starting_with({}, 1).map({9, 8, 7}, 0), (Fields{9, 1, 7}));
    EXPECT_EQ(starting_with({}, {}, 1).map({9, 8, 7}, 0), (Fields{9, 8, 1}));
}

TEST(Continuity, SaysWhatComesNext) {
    Continuity continuity = starting_with(5, 6, 7);
    EXPECT_FALSE(continuity.started());
    EXPECT_EQ(continuity.next(), (Fields{5, 6, 7}));
    static_cast<void>(continuity.map({100, 1000, kSsrc}, 0));
    EXPECT_TRUE(continuity.started());
    EXPECT_EQ(continuity.next(), (Fields{6, 6, 7}));
    EXPECT_EQ(Continuity({}).next(), (Fields{0, 0, 0}));
}

TEST(Continuity, BFramesGoBackAndForth) {
    Continuity continuity = starting_with(0, 0);
    const std::uint32_t display_order[] = {0, 10800, 3600, 7200, 21600, 14400};
    std::uint16_t sequence = 100;
    for (const std::uint32_t timestamp : display_order) {
        const auto out = continuity.map({sequence, 5000 + timestamp, kSsrc}, sequence * kFrame);
        EXPECT_EQ(out.timestamp, timestamp);
        ++sequence;
    }
    EXPECT_EQ(continuity.next().timestamp, 21600U); // the highest, not the last
    EXPECT_EQ(continuity.discontinuities(), 0U);
}

TEST(Continuity, ALatePacketKeepsItsPlaceAndMovesNothing) {
    Continuity continuity = starting_with(1000);
    static_cast<void>(continuity.map({10, 0, kSsrc}, 0));
    static_cast<void>(continuity.map({12, 7200, kSsrc}, 2 * kFrame));
    EXPECT_EQ(continuity.map({11, 3600, kSsrc}, 2 * kFrame), (Fields{1001, 3600, kSsrc}));
    EXPECT_EQ(continuity.next(), (Fields{1003, 7200, kSsrc}));
    EXPECT_EQ(continuity.map({13, 10800, kSsrc}, 3 * kFrame), (Fields{1003, 10800, kSsrc}));
}

TEST(Continuity, ADuplicateStaysADuplicate) {
    Continuity continuity = starting_with(0);
    static_cast<void>(continuity.map({10, 0, kSsrc}, 0));
    EXPECT_EQ(continuity.map({10, 0, kSsrc}, 0).sequence, 0);
    EXPECT_EQ(continuity.next().sequence, 1);
}

// Whoever drops a group that was mapped goes back to a copy from before it.
TEST(Continuity, ACopyGoesBackInTime) {
    Continuity continuity = starting_with(0);
    static_cast<void>(continuity.map({10, 0, kSsrc}, 0));
    continuity.resume();
    const Continuity before = continuity;
    EXPECT_EQ(continuity.map({500, 99, 1}, kFrame).sequence, 1);
    EXPECT_EQ(continuity.map({501, 99, 1}, kFrame).sequence, 2);
    continuity = before;
    EXPECT_EQ(continuity.next().sequence, 1);
    EXPECT_EQ(continuity.map({700, 5, 1}, 2 * kFrame), (Fields{1, 7200, kSsrc}));
}

// One source, any start values: the output is the input plus constants, whatever is lost, late or
// twice, and however the numbers wrap.
TEST(Continuity, OneSourceKeepsEveryDifference) {
    Random random(7);
    for (int round = 0; round < 50; ++round) {
        Continuity continuity = starting_with(random.next16(), random.next(), random.next());
        const std::uint16_t first_sequence = random.next16();
        const std::uint32_t first_timestamp = random.next();
        const Fields start = continuity.map({first_sequence, first_timestamp, kSsrc}, 0);
        std::uint64_t frame = 0;
        std::uint16_t sequence = first_sequence;
        for (int i = 0; i < 2000; ++i) {
            const unsigned chance = random.below(20);
            sequence = static_cast<std::uint16_t>(sequence + (chance == 0 ? 40 : 1));
            frame += chance < 5 ? 1 : 0;
            const auto back = static_cast<std::uint16_t>(chance == 1 ? random.below(20) : 0);
            const Fields in{static_cast<std::uint16_t>(sequence - back),
                            first_timestamp + static_cast<std::uint32_t>(frame) * 3600, kSsrc};
            const Fields out = continuity.map(in, frame * kFrame);
            ASSERT_EQ(static_cast<std::uint16_t>(out.sequence - start.sequence),
                      static_cast<std::uint16_t>(in.sequence - first_sequence));
            ASSERT_EQ(out.timestamp - start.timestamp, in.timestamp - first_timestamp);
            ASSERT_EQ(out.ssrc, start.ssrc);
        }
        ASSERT_EQ(continuity.discontinuities(), 0U);
    }
}

} // namespace
} // namespace rtspproxy::rtp::tests
