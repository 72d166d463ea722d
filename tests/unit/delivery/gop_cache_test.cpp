#include "app/delivery/gop_cache.hpp"

#include "tests/unit/delivery/units.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::delivery::tests {
namespace {

constexpr std::size_t kRoom = 1 << 20;

std::vector<std::uint16_t> sequences(const std::vector<AccessUnitPtr>& units) {
    std::vector<std::uint16_t> found;
    for (const auto& each : units)
        found.push_back(each->first_sequence());
    return found;
}
using Sequences = std::vector<std::uint16_t>;

class KeyFrameCache : public testing::Test {
  protected:
    void add(bool starts, UnitOptions options = {}) {
        options.starts = starts;
        options.arrival = now_;
        cache_.add(unit(sequence_++, 0, options));
        now_ += 40 * kMs;
    }
    Sequences burst() { return sequences(cache_.burst(0, now_)); }

    GopCache cache_{GopCache::Kind::KeyFrames, kRoom};
    std::uint16_t sequence_ = 0;
    std::uint64_t now_ = 1000 * kMs;
};

TEST_F(KeyFrameCache, KeepsNothingBeforeTheFirstKeyFrame) {
    add(false);
    add(false);
    EXPECT_EQ(burst(), Sequences{});
    EXPECT_EQ(cache_.start(now_), std::nullopt);
    EXPECT_EQ(cache_.bytes(), 0U);
}

TEST_F(KeyFrameCache, KeepsEverythingSinceTheLastKeyFrame) {
    add(true);
    add(false);
    add(true);
    const std::uint64_t key_frame = now_ - 40 * kMs;
    add(false);
    add(false);
    EXPECT_EQ(burst(), (Sequences{2, 3, 4}));
    EXPECT_EQ(cache_.start(now_), key_frame);
}

TEST_F(KeyFrameCache, OfTwoKeyFramesInARowTheSecondCounts) {
    add(true);
    add(true);
    EXPECT_EQ(burst(), Sequences{1});
}

// With the timestamp of the picture before, so that they begin no group themselves.
TEST_F(KeyFrameCache, KeepsWhatPrecedesAKeyFrameWithoutAPicture) {
    add(true);
    add(false);
    add(false, {.picture = false}); // parameter sets
    add(false, {.picture = false});
    EXPECT_EQ(burst(), (Sequences{0, 1, 2, 3}));
    add(true);
    EXPECT_EQ(burst(), (Sequences{2, 3, 4}));
    add(false);
    add(true);
    EXPECT_EQ(burst(), Sequences{6});
}

// With a timestamp of their own.
TEST_F(KeyFrameCache, ParameterSetsThatBeginAGroupStayWithIt) {
    add(true);
    add(true, {.picture = false});
    add(false, {.picture = false});
    add(true);
    EXPECT_EQ(burst(), (Sequences{1, 2, 3}));
}

TEST_F(KeyFrameCache, KeepsThemBeforeTheVeryFirstKeyFrame) {
    add(false);
    add(false, {.picture = false});
    EXPECT_EQ(burst(), Sequences{});
    EXPECT_EQ(cache_.start(now_), std::nullopt);
    add(true);
    EXPECT_EQ(burst(), (Sequences{1, 2}));
}

TEST_F(KeyFrameCache, ThoseOfAnotherPictureAreNotKept) {
    add(false, {.picture = false});
    add(false);
    add(false);
    EXPECT_EQ(burst(), Sequences{});
    EXPECT_EQ(cache_.bytes(), 0U);
    add(true);
    EXPECT_EQ(burst(), Sequences{3});
}

TEST_F(KeyFrameCache, AGroupThatIsTooLongIsNotKeptAtAll) {
    add(true, {.packets = 10, .packet_size = 60'000});
    EXPECT_EQ(burst(), Sequences{0});
    add(false, {.packets = 10, .packet_size = 60'000});
    EXPECT_EQ(burst(), Sequences{});
    add(false);
    EXPECT_EQ(burst(), Sequences{}); // not from the middle
    add(true);
    EXPECT_EQ(burst(), Sequences{3});
}

TEST_F(KeyFrameCache, WhatIsOldIsNotShown) {
    add(true);
    now_ += GopCache::kStale;
    EXPECT_EQ(cache_.start(now_), std::nullopt);
    EXPECT_EQ(burst(), Sequences{});
    add(false); // it goes on
    EXPECT_EQ(burst(), (Sequences{0, 1}));
}

TEST_F(KeyFrameCache, WhatCameAfterTheQuestionIsNotOld) {
    add(true);
    EXPECT_EQ(sequences(cache_.burst(0, 0)), Sequences{0});
    EXPECT_TRUE(cache_.start(0));
}

TEST_F(KeyFrameCache, CanBeEmptied) {
    add(true);
    cache_.clear();
    EXPECT_EQ(burst(), Sequences{});
    EXPECT_EQ(cache_.bytes(), 0U);
}

TEST(CompanionCache, GoesWithTheStartOfAnother) {
    GopCache cache(GopCache::Kind::Companion, kRoom);
    for (std::uint16_t i = 0; i < 10; ++i)
        cache.add(unit(i, 0, {.arrival = 20 * kMs * i}));
    EXPECT_EQ(cache.start(200 * kMs), std::nullopt); // it has no start of its own
    EXPECT_EQ(sequences(cache.burst(140 * kMs, 200 * kMs)), (Sequences{7, 8, 9}));
    EXPECT_EQ(sequences(cache.burst(141 * kMs, 200 * kMs)), (Sequences{8, 9}));
    EXPECT_EQ(sequences(cache.burst(500 * kMs, 500 * kMs)), Sequences{});
}

TEST(CompanionCache, IsBoundedInTimeAndBytes) {
    GopCache cache(GopCache::Kind::Companion, 10'000);
    for (std::uint16_t i = 0; i < 100; ++i)
        cache.add(unit(i, 0, {.packet_size = 984, .arrival = kMs * i})); // 1000 bytes each
    EXPECT_EQ(cache.bytes(), 10'000U);
    EXPECT_EQ(cache.burst(0, 99 * kMs).size(), 10U);
    cache.add(unit(100, 0, {.arrival = GopCache::kCompanionSpan + 95 * kMs}));
    EXPECT_EQ(sequences(cache.burst(0, GopCache::kCompanionSpan + 95 * kMs)),
              (Sequences{95, 96, 97, 98, 99, 100}));
}

TEST(CacheWithoutRoom, KeepsNothing) {
    for (const auto kind : {GopCache::Kind::KeyFrames, GopCache::Kind::Companion}) {
        GopCache cache(kind, 0);
        cache.add(unit(1, 0, {.starts = true}));
        EXPECT_EQ(cache.bytes(), 0U);
        EXPECT_TRUE(cache.burst(0, 0).empty());
    }
}

} // namespace
} // namespace rtspproxy::delivery::tests
