#include "plugins/fanout/burst_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rtspproxy::fanout::tests {
namespace {

using Packets = std::vector<int>;
using Queue = BurstQueue<int>;

constexpr std::size_t kSize = 100;
constexpr std::size_t kMaxBytes = 10 * kSize;

class BurstQueueTest : public ::testing::Test {
  protected:
    static std::vector<Queue::Item> items(int first, int last) {
        std::vector<Queue::Item> all;
        for (int i = first; i <= last; ++i)
            all.push_back({i, static_cast<std::uint16_t>(i), kSize});
        return all;
    }
    void begin_with(int first, int last) { queue_.begin_with(items(first, last)); }
    bool collect(int first, int last) {
        bool all = true;
        for (const auto& item : items(first, last))
            all = queue_.collect(item, kMaxBytes) && all;
        return all;
    }
    Packets take(std::size_t bytes = 1'000'000) {
        Packets out;
        queue_.take(bytes, out);
        return out;
    }

    Queue queue_;
};

TEST_F(BurstQueueTest, IsEmptyAtFirst) {
    EXPECT_TRUE(queue_.empty());
    EXPECT_TRUE(queue_.caught_up());
    EXPECT_EQ(take(), Packets{});
}

TEST_F(BurstQueueTest, GivesWhatWasCollected) {
    collect(1, 3);
    EXPECT_FALSE(queue_.caught_up());
    EXPECT_EQ(take(), (Packets{1, 2, 3}));
    EXPECT_TRUE(queue_.caught_up());
}

TEST_F(BurstQueueTest, WhatItBeginsWithIsNotRepeated) {
    collect(5, 9);
    begin_with(1, 7);
    collect(10, 11);
    EXPECT_EQ(take(), (Packets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
    EXPECT_TRUE(queue_.caught_up());
}

TEST_F(BurstQueueTest, AlsoIfItIsRenderedLater) {
    begin_with(1, 4);
    EXPECT_EQ(take(), (Packets{1, 2, 3, 4}));
    EXPECT_TRUE(queue_.empty());
    EXPECT_FALSE(queue_.caught_up()) << "3 and 4 may still come";
    EXPECT_TRUE(queue_.begun_with(4));
    EXPECT_FALSE(queue_.begun_with(5));
    collect(3, 5);
    EXPECT_EQ(take(), Packets{5});
    EXPECT_TRUE(queue_.caught_up());
}

TEST_F(BurstQueueTest, SequenceNumbersWrap) {
    begin_with(65500, 65537);
    EXPECT_TRUE(queue_.begun_with(1));
    EXPECT_FALSE(queue_.begun_with(2));
    collect(65531, 65540);
    EXPECT_EQ(take().size(), 38U + 3U);
}

TEST_F(BurstQueueTest, HalfOfAllNumbersLaterNothingIsMissing) {
    begin_with(1, 10);
    std::size_t taken = 0;
    for (int i = 1; i <= 40'000; ++i) {
        ASSERT_TRUE(collect(i, i));
        taken += take().size();
        ASSERT_EQ(taken, static_cast<std::size_t>(std::max(i, 10)));
    }
    EXPECT_TRUE(queue_.caught_up());
}

TEST_F(BurstQueueTest, ABeginningMayComeHalfOfAllNumbersLater) {
    for (const auto& item : items(1, 40'000))
        ASSERT_TRUE(queue_.collect(item, 40'000 * kSize));
    begin_with(39'800, 39'990);
    const auto taken = take();
    ASSERT_EQ(taken.size(), 201U);
    EXPECT_EQ(taken.front(), 39'800);
    EXPECT_EQ(taken.back(), 40'000);
}

TEST_F(BurstQueueTest, AnEmptyBeginningChangesNothing) {
    collect(1, 2);
    queue_.begin_with({});
    EXPECT_EQ(take(), (Packets{1, 2}));
    EXPECT_TRUE(queue_.caught_up());
}

TEST_F(BurstQueueTest, ItMayBeginWithNothingButAtANumber) {
    collect(1, 3);
    queue_.begin_with({}, std::uint16_t{3});
    EXPECT_EQ(take(), Packets{3});
    EXPECT_TRUE(queue_.caught_up());
}

// What is rendered late is none of it, either.
TEST_F(BurstQueueTest, ItMayBeginAtANumberThatIsNotRenderedYet) {
    collect(1, 3);
    queue_.begin_with({}, std::uint16_t{6});
    EXPECT_FALSE(queue_.caught_up());
    collect(4, 7);
    EXPECT_EQ(take(), (Packets{6, 7}));
    EXPECT_TRUE(queue_.caught_up());
}

TEST_F(BurstQueueTest, AnotherBeginningTakesItsPlace) {
    begin_with(1, 2);
    begin_with(3, 4);
    collect(4, 5);
    EXPECT_EQ(take(), (Packets{3, 4, 5}));
}

TEST_F(BurstQueueTest, GivesSoManyBytes) {
    begin_with(1, 3);
    collect(4, 6);
    EXPECT_EQ(take(2 * kSize), (Packets{1, 2}));
    EXPECT_EQ(take(2 * kSize + 99), (Packets{3, 4}));
    EXPECT_EQ(take(1), Packets{5}) << "one, however large";
    EXPECT_EQ(take(0), Packets{6});
    EXPECT_EQ(take(), Packets{});
}

TEST_F(BurstQueueTest, IsGivenUpWhenItGrowsTooLong) {
    begin_with(1, 20); // which does not count
    EXPECT_TRUE(collect(21, 30));
    EXPECT_FALSE(queue_.gave_up());
    EXPECT_FALSE(collect(31, 31));
    EXPECT_TRUE(queue_.gave_up());
    EXPECT_TRUE(queue_.empty());
    EXPECT_TRUE(queue_.caught_up());
    EXPECT_EQ(queue_.dropped(), 31U);
    EXPECT_FALSE(collect(32, 33)) << "would be behind a hole";
    EXPECT_TRUE(queue_.empty());
    EXPECT_EQ(queue_.dropped(), 33U);
}

TEST_F(BurstQueueTest, ABeginningThatEndsBeforeTheHoleIsNotTaken) {
    EXPECT_FALSE(collect(1, 12));
    begin_with(0, 11);
    EXPECT_TRUE(queue_.gave_up());
    EXPECT_TRUE(queue_.empty());
    EXPECT_EQ(queue_.dropped(), 12U + 12U);
}

TEST_F(BurstQueueTest, ABeginningThatFillsTheHoleIs) {
    EXPECT_FALSE(collect(1, 12));
    begin_with(0, 12);
    EXPECT_FALSE(queue_.gave_up());
    EXPECT_TRUE(collect(13, 14));
    EXPECT_EQ(take().size(), 15U);
}

TEST_F(BurstQueueTest, WhatWasTakenMakesRoom) {
    EXPECT_TRUE(collect(1, 10));
    take(4 * kSize);
    EXPECT_TRUE(collect(11, 14));
    EXPECT_FALSE(collect(15, 15));
}

TEST_F(BurstQueueTest, WhatItBeganWithMakesRoom) {
    EXPECT_TRUE(collect(1, 10));
    begin_with(1, 8);
    EXPECT_TRUE(collect(11, 18));
    EXPECT_FALSE(collect(19, 19));
}

} // namespace
} // namespace rtspproxy::fanout::tests
