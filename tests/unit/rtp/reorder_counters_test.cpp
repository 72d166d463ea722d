// What ReorderQueue counts.
#include "plugins/rtp/reorder.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <random>

namespace rtspproxy::rtp::tests {
namespace {

constexpr std::uint64_t kLatency = 20'000'000;

class ReorderCountersTest : public ::testing::Test {
  protected:
    void push(std::initializer_list<std::uint16_t> sequences, std::uint64_t now = 0) {
        for (const auto sequence : sequences)
            queue_.push(sequence, now, int{sequence}, [this](int&&) { ++emitted_; });
    }
    void flush() {
        queue_.flush([this](int&&) { ++emitted_; });
    }
    void expect(std::uint64_t lost, std::uint64_t reordered, std::uint64_t dropped) {
        EXPECT_EQ(queue_.counters().lost, lost);
        EXPECT_EQ(queue_.counters().reordered, reordered);
        EXPECT_EQ(queue_.counters().dropped, dropped);
    }
    ReorderQueue<int> queue_{kLatency};
    std::uint64_t emitted_ = 0;
};

TEST_F(ReorderCountersTest, NothingInOrder) {
    push({65534, 65535, 0, 1});
    expect(0, 0, 0);
}

TEST_F(ReorderCountersTest, EveryLatePacketIsReordered) {
    push({1, 3, 2}); // 2
    expect(0, 1, 0);
    push({7, 6, 5, 4}); // 6, 5 and 4 came behind 7
    expect(0, 4, 0);
    push({9, 10, 8}); // 8; 10 did not come late
    expect(0, 5, 0);
}

TEST_F(ReorderCountersTest, LostAreTheNumbersThatWereGivenUp) {
    push({1, 5}, 0);
    expect(0, 0, 0); // not yet
    push({6}, kLatency);
    expect(3, 0, 0);
    push({40000, 8}, kLatency); // counts afresh, and again
    expect(3, 0, 0);
}

TEST_F(ReorderCountersTest, LostByFlush) {
    push({1, 3, 6});
    flush();
    expect(3, 0, 0);
}

TEST_F(ReorderCountersTest, DroppedAreDuplicatesAndWhatIsTooLate) {
    push({1, 1});
    expect(0, 0, 1);
    push({3, 3});
    expect(0, 0, 2);
    push({4}, kLatency); // 2 is given up
    push({2}, kLatency); // and comes
    expect(1, 0, 3);
}

TEST_F(ReorderCountersTest, PastTheWrap) {
    push({65535, 2}, 0);
    push({3}, kLatency);
    expect(2, 0, 0);
    push({4, 6, 5});
    expect(2, 1, 0);
}

TEST_F(ReorderCountersTest, WithoutLatencyGapsAreCountedAndNothingIsDropped) {
    queue_.set_latency(0);
    push({1, 2, 5, 5, 4, 65535, 2});
    EXPECT_EQ(queue_.counters().lost, 2U);
    EXPECT_EQ(queue_.counters().dropped, 0U);
    EXPECT_EQ(emitted_, 7U);
}

TEST_F(ReorderCountersTest, SurviveClear) {
    push({1, 3}, 0);
    push({4}, kLatency);
    queue_.clear();
    expect(1, 0, 0);
}

// Every packet is emitted or dropped, once.
TEST_F(ReorderCountersTest, EveryPacketIsAccountedFor) {
    std::mt19937 random(2);
    std::uint64_t pushed = 0;
    std::uint16_t base = 0;
    for (std::uint64_t now = 0; now < 20000; ++now) {
        base = static_cast<std::uint16_t>(base + random() % 3);
        if (random() % 1000 == 0)
            base = static_cast<std::uint16_t>(random());
        push({static_cast<std::uint16_t>(base - random() % 30)}, now * 1'000'000);
        ++pushed;
    }
    flush();
    EXPECT_EQ(emitted_ + queue_.counters().dropped, pushed);
}

} // namespace
} // namespace rtspproxy::rtp::tests
