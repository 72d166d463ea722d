#include "plugins/rtp/reorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace rtspproxy::rtp::tests {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kLatency = 20 * kMillisecond;
using Item = std::unique_ptr<std::uint16_t>; // can only be moved, as buffers are
using Sequences = std::vector<std::uint16_t>;

class ReorderTest : public ::testing::Test {
  protected:
    void push(std::uint16_t sequence, std::uint64_t now = 0) {
        queue_.push(sequence, now, std::make_unique<std::uint16_t>(sequence),
                    [this](Item&& item) { out_.push_back(*item); });
    }
    void push_all(const Sequences& sequences, std::uint64_t now = 0) {
        for (const auto sequence : sequences)
            push(sequence, now);
    }
    void flush() {
        queue_.flush([this](Item&& item) { out_.push_back(*item); });
    }
    // What came out since the last call.
    Sequences take() { return std::exchange(out_, {}); }

    ReorderQueue<Item> queue_{kLatency};

  private:
    Sequences out_;
};

TEST_F(ReorderTest, InOrderPassesAtOnce) {
    for (unsigned sequence = 65500; sequence < 65600; ++sequence) { // over the wrap
        const auto wrapped = static_cast<std::uint16_t>(sequence);
        push(wrapped);
        ASSERT_EQ(take(), Sequences{wrapped});
    }
}

TEST_F(ReorderTest, ASwapIsPutRight) {
    push(1);
    push(3);
    EXPECT_EQ(take(), Sequences{1});
    push(2);
    EXPECT_EQ(take(), (Sequences{2, 3}));
    push(4);
    EXPECT_EQ(take(), Sequences{4});
}

TEST_F(ReorderTest, AReversedRunIsPutRight) {
    push_all({10, 15, 14, 13, 12, 11, 16});
    EXPECT_EQ(take(), (Sequences{10, 11, 12, 13, 14, 15, 16}));
}

TEST_F(ReorderTest, SeveralGapsAreFilledInAnyOrder) {
    push_all({1, 3, 5, 7});
    EXPECT_EQ(take(), Sequences{1});
    push(6);
    EXPECT_EQ(take(), Sequences{});
    push(2);
    EXPECT_EQ(take(), (Sequences{2, 3}));
    push(4);
    EXPECT_EQ(take(), (Sequences{4, 5, 6, 7}));
}

TEST_F(ReorderTest, OverTheWrap) {
    push_all({65534, 1, 0});
    EXPECT_EQ(take(), Sequences{65534});
    push(65535);
    EXPECT_EQ(take(), (Sequences{65535, 0, 1}));
    push(3);
    push(2);
    EXPECT_EQ(take(), (Sequences{2, 3}));
}

TEST_F(ReorderTest, AGapIsGivenUpAfterItsLatency) {
    push(1, 0);
    push(3, 10 * kMillisecond);
    push(4, 10 * kMillisecond + kLatency - 1);
    EXPECT_EQ(take(), Sequences{1});
    push(5, 10 * kMillisecond + kLatency);
    EXPECT_EQ(take(), (Sequences{3, 4, 5}));
}

TEST_F(ReorderTest, AGapIsLookedAtWhenAnythingArrives) {
    push(1, 0);
    push(3, 0);
    push(3, kLatency); // a duplicate
    EXPECT_EQ(take(), (Sequences{1, 3}));
    push(5, kLatency);
    push(2, 2 * kLatency); // too late for its place
    EXPECT_EQ(take(), Sequences{5});
}

// Many gaps at once: each packet waits for its own latency, not for the sum of those before it.
TEST_F(ReorderTest, GapsDoNotAddUp) {
    for (std::uint16_t i = 0; i <= 40; ++i)
        push(static_cast<std::uint16_t>(2 * i), i * kMillisecond); // every other one is lost
    // At 40 ms everything that came by 20 ms has gone.
    Sequences expected;
    for (std::uint16_t i = 0; i <= 20; ++i)
        expected.push_back(static_cast<std::uint16_t>(2 * i));
    EXPECT_EQ(take(), expected);
}

// A gap that is filled in time does not shorten the patience with the next.
TEST_F(ReorderTest, EachGapHasItsWholeLatency) {
    push(1, 0);
    push(3, 0);                 // 2 is missing since 0
    push(5, 19 * kMillisecond); // 4 is missing since 19
    push(2, 19 * kMillisecond); // 2 is here
    EXPECT_EQ(take(), (Sequences{1, 2, 3}));
    push(6, 38 * kMillisecond);
    EXPECT_EQ(take(), Sequences{}); // 4 has been missing for 19 ms
    push(4, 38 * kMillisecond);
    EXPECT_EQ(take(), (Sequences{4, 5, 6}));
}

TEST_F(ReorderTest, AFilledGapDoesNotLengthenItEither) {
    push(1, 0);
    push(3, 0); // 2 is missing
    push(5, 0); // 4 is missing
    push(2, 15 * kMillisecond);
    EXPECT_EQ(take(), (Sequences{1, 2, 3}));
    push(6, kLatency); // 5 has waited for so long
    EXPECT_EQ(take(), (Sequences{5, 6}));
}

TEST_F(ReorderTest, DuplicatesAreDropped) {
    push_all({1, 1, 2, 1, 4, 4, 3, 3, 4, 5});
    EXPECT_EQ(take(), (Sequences{1, 2, 3, 4, 5}));
}

TEST_F(ReorderTest, TheFirstPacketIsTheBeginning) {
    push_all({100, 99, 101});
    EXPECT_EQ(take(), (Sequences{100, 101}));
}

TEST_F(ReorderTest, FlushSendsWhatIsHeld) {
    push_all({1, 3, 6, 5});
    flush();
    EXPECT_EQ(take(), (Sequences{1, 3, 5, 6}));
    flush();
    EXPECT_EQ(take(), Sequences{});
    push(7);
    EXPECT_EQ(take(), Sequences{7});
}

TEST_F(ReorderTest, ClearForgetsWhatIsHeldAndWhereItWas) {
    push_all({1000, 1002});
    queue_.clear();
    EXPECT_EQ(take(), Sequences{1000});
    push_all({500, 501});
    EXPECT_EQ(take(), (Sequences{500, 501}));
    flush();
    EXPECT_EQ(take(), Sequences{});
}

TEST_F(ReorderTest, ABackEndThatCountsAfreshIsFollowedAtOnce) {
    for (const auto& [before, after] : {std::pair<std::uint16_t, std::uint16_t>{100, 3200},
                                        {100, 40000},
                                        {40000, 30000},
                                        {65000, 10000},
                                        {10000, 65000}}) {
        queue_.clear();
        push_all({before, static_cast<std::uint16_t>(before + 2)}, 0);
        push_all({after, static_cast<std::uint16_t>(after + 1)}, 0);
        EXPECT_EQ(take(), (Sequences{before, static_cast<std::uint16_t>(before + 2), after,
                                     static_cast<std::uint16_t>(after + 1)}))
            << before << " " << after;
    }
}

// RFC 3550 A.1: two in a row, further back than anything comes late, are a restart.
TEST_F(ReorderTest, ABackEndThatCountsAfreshALittleBehindIsFollowedSoon) {
    push_all({5000, 5001});
    take();
    push_all({4500, 4501, 4502});
    EXPECT_EQ(take(), (Sequences{4501, 4502}));
    push_all({4504, 4503});
    EXPECT_EQ(take(), (Sequences{4503, 4504}));
}

TEST_F(ReorderTest, StragglersAreNoRestart) {
    push_all({5000, 5001});
    take();
    push_all({4000, 4002, 4500, 5002, 4501, 5003}); // no two in a row
    EXPECT_EQ(take(), (Sequences{5002, 5003}));
    push_all({4950, 4951, 4952, 4953, 5004}); // in a row, but only a little late
    EXPECT_EQ(take(), Sequences{5004});
}

TEST_F(ReorderTest, TheLargestGapThatIsWaitedFor) {
    push(0);
    push(3001); // 1 is missing, and 2999 more
    EXPECT_EQ(take(), Sequences{0});
    push(1);
    EXPECT_EQ(take(), Sequences{1});
    flush();
    EXPECT_EQ(take(), Sequences{3001});
}

TEST_F(ReorderTest, HoldsNoMoreThanItsCapacity) {
    push(0);
    take();
    std::uint16_t sequence = 2;
    for (int held = 0; held < 2048; ++held)
        push(sequence++);
    EXPECT_EQ(take(), Sequences{}); // no time has gone by
    push(sequence);
    const Sequences out = take();
    ASSERT_EQ(out.size(), 2049U);
    EXPECT_EQ(out.front(), 2);
    EXPECT_EQ(out.back(), sequence);
    EXPECT_TRUE(std::ranges::is_sorted(out));
}

TEST_F(ReorderTest, LatencyZeroPassesEverythingAsItComes) {
    queue_.set_latency(0);
    push_all({5, 7, 6, 6, 5, 1000, 8, 60000});
    EXPECT_EQ(take(), (Sequences{5, 7, 6, 6, 5, 1000, 8, 60000}));
}

TEST_F(ReorderTest, LatencyMayBeTakenAwayWhilePacketsAreHeld) {
    push_all({1, 3, 5});
    queue_.set_latency(0);
    push(6);
    EXPECT_EQ(take(), (Sequences{1, 3, 5, 6}));
    push(4);
    EXPECT_EQ(take(), Sequences{4});
}

TEST_F(ReorderTest, LatencyMayBeGivenLater) {
    queue_.set_latency(0);
    push_all({1, 5, 3});
    take();
    queue_.set_latency(kLatency);
    push_all({7, 6});
    EXPECT_EQ(take(), (Sequences{6, 7}));
}

// Packets that are late by less than the latency are all put right, however they are mixed.
TEST_F(ReorderTest, AnyMixWithinTheLatencyIsPutRight) {
    std::mt19937 random(11);
    for (int round = 0; round < 20; ++round) {
        queue_.clear();
        take();
        // One packet a millisecond, each delayed by up to 15.
        std::multimap<std::uint64_t, std::uint16_t> arrivals;
        const auto first = static_cast<std::uint16_t>(random());
        for (unsigned i = 0; i < 1000; ++i)
            arrivals.emplace(i == 0 ? 0 : i + random() % 15, static_cast<std::uint16_t>(first + i));
        for (const auto& [time, sequence] : arrivals)
            push(sequence, time * kMillisecond);
        const Sequences out = take();
        ASSERT_EQ(out.size(), 1000U);
        for (unsigned i = 0; i < out.size(); ++i)
            ASSERT_EQ(out[i], static_cast<std::uint16_t>(first + i));
    }
}

// Whatever is lost, late or twice: out of it comes an ascending row without duplicates, and no
// packet is held for longer than the latency, as far as packets arrive to notice.
TEST_F(ReorderTest, OrderAndDelayAreBounded) {
    std::mt19937 random(5);
    std::multimap<std::uint64_t, std::uint16_t> arrivals;
    for (unsigned i = 0; i < 20000; ++i) {
        if (random() % 4 == 0)
            continue;
        arrivals.emplace(i + random() % 40, static_cast<std::uint16_t>(i));
        if (random() % 20 == 0)
            arrivals.emplace(i + random() % 40, static_cast<std::uint16_t>(i));
    }
    std::map<std::uint16_t, std::uint64_t> since;
    int last = -1;
    for (const auto& [time, sequence] : arrivals) {
        since.emplace(sequence, time);
        push(sequence, time * kMillisecond);
        for (const auto out : take()) {
            ASSERT_GT(static_cast<int>(out), last);
            last = out;
        }
        for (auto waiting = since.upper_bound(static_cast<std::uint16_t>(std::max(last, 0)));
             waiting != since.end(); ++waiting)
            ASSERT_LT(time - waiting->second, kLatency / kMillisecond) << waiting->first;
    }
}

} // namespace
} // namespace rtspproxy::rtp::tests
