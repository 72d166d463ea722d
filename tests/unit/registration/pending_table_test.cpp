#include "plugins/registration/pending_table.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

using namespace std::chrono_literals;
using Crowded = PendingTable::Crowded;

class PendingTableTest : public testing::Test {
  protected:
    // The number of the connection that must go for a newcomer of `address`, or 0.
    PendingTable::Id victim(const std::string& address) {
        const auto found = table_.make_room(address, limits_);
        return found ? found->id : 0;
    }

    PendingLimits limits_{.total = 4, .per_address = 2, .timeout = 5s};
    PendingTable::Clock::time_point now_ = PendingTable::Clock::now();
    PendingTable table_;
};

TEST_F(PendingTableTest, HasRoomUpToItsLimits) {
    EXPECT_EQ(victim("a"), 0U);
    table_.add(1, "a", now_);
    EXPECT_EQ(victim("a"), 0U);
    table_.add(2, "a", now_);
    EXPECT_EQ(victim("a"), 1U);
    EXPECT_EQ(table_.make_room("a", limits_)->reason, Crowded::Address);
    EXPECT_EQ(victim("b"), 0U);
    table_.add(3, "b", now_);
    table_.add(4, "c", now_);
    EXPECT_EQ(victim("d"), 1U);
    EXPECT_EQ(table_.make_room("d", limits_)->reason, Crowded::Total);
    table_.remove(1);
    EXPECT_EQ(victim("d"), 0U);
    EXPECT_EQ(table_.size(), 3U);
}

TEST_F(PendingTableTest, TheSilentGoBeforeThoseThatHaveSpoken) {
    table_.add(1, "a", now_);
    table_.add(2, "b", now_);
    table_.add(3, "c", now_);
    table_.add(4, "d", now_);
    table_.spoke(1);
    table_.spoke(3);
    EXPECT_EQ(victim("e"), 2U);
    table_.spoke(2);
    table_.spoke(4);
    EXPECT_EQ(victim("e"), 1U);
}

TEST_F(PendingTableTest, ThoseThatWereAnsweredGoLast) {
    table_.add(1, "a", now_);
    table_.add(2, "a", now_);
    table_.restart(1, now_);
    EXPECT_EQ(victim("a"), 2U);
    table_.spoke(2);
    EXPECT_EQ(victim("a"), 2U);
}

TEST_F(PendingTableTest, TimeRunsFromTheStartWhateverIsSaidMeanwhile) {
    EXPECT_EQ(table_.next_deadline(limits_), std::nullopt);
    EXPECT_EQ(table_.expired(limits_, now_ + 1h), std::nullopt);
    table_.add(1, "a", now_);
    table_.add(2, "b", now_ + 1s);
    table_.spoke(1);
    EXPECT_EQ(table_.next_deadline(limits_), now_ + 5s);
    EXPECT_EQ(table_.expired(limits_, now_ + 5s - 1ms), std::nullopt);
    EXPECT_EQ(table_.expired(limits_, now_ + 5s), 1U);
    table_.remove(1);
    EXPECT_EQ(table_.expired(limits_, now_ + 5s), std::nullopt);
    EXPECT_EQ(table_.next_deadline(limits_), now_ + 6s);
}

TEST_F(PendingTableTest, AnAnswerGivesNewTime) {
    table_.add(1, "a", now_);
    table_.add(2, "b", now_ + 1s);
    table_.restart(1, now_ + 2s);
    EXPECT_EQ(table_.expired(limits_, now_ + 6s), 2U);
    table_.remove(2);
    EXPECT_EQ(table_.next_deadline(limits_), now_ + 7s);
}

TEST_F(PendingTableTest, UnknownNumbersAreLetBe) {
    table_.spoke(9);
    table_.restart(9, now_);
    table_.remove(9);
    EXPECT_EQ(table_.size(), 0U);
}

TEST_F(PendingTableTest, ForgetsAddresses) {
    for (PendingTable::Id id = 1; id <= 1000; ++id) {
        table_.add(id, std::to_string(id), now_);
        table_.remove(id);
    }
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_EQ(victim("1"), 0U);
}

} // namespace
} // namespace rtspproxy::registration
