#include "tests/unit/fanout/destination_table_fixture.hpp"

namespace rtspproxy::fanout::tests {
namespace {

TEST_F(DestinationTableTest, AddedOnesAreLiveAtOnce) {
    EXPECT_FALSE(add(1000));
    EXPECT_FALSE(add(2000));
    EXPECT_EQ(live(), (std::vector{1000, 2000}));
    EXPECT_FALSE(table_.has_waiting());
    EXPECT_FALSE(table_.has_queues());
}

TEST_F(DestinationTableTest, TheGenerationTellsOfChanges) {
    auto last = table_.generation();
    const auto changed = [&] { return std::exchange(last, table_.generation()) != last; };
    add(1000);
    EXPECT_TRUE(changed());
    render(1, 2);
    EXPECT_FALSE(changed());
    add(1000);
    EXPECT_TRUE(changed());
    table_.remove(key(1000));
    EXPECT_TRUE(changed());
    table_.remove(key(4711));
    EXPECT_FALSE(changed());
    table_.clear();
    EXPECT_TRUE(changed());
}

TEST_F(DestinationTableTest, IsRemovedAsOftenAsItWasAdded) {
    add(1000);
    add(1000);
    EXPECT_EQ(live(), (std::vector{1000, 1000}));
    table_.remove(key(1000));
    EXPECT_EQ(live(), std::vector{1000});
    table_.remove(key(1000));
    EXPECT_EQ(live(), std::vector<int>{});
    EXPECT_EQ(table_.size(), 0U);
}

TEST_F(DestinationTableTest, WhoIsHeldGetsWhatWasRenderedMeanwhile) {
    table_.hold(key(1000), now_);
    EXPECT_EQ(render(1, 2), std::vector<int>{});
    EXPECT_FALSE(table_.has_queues()) << "not added yet";
    EXPECT_FALSE(add(1000));
    EXPECT_FALSE(table_.has_queues()) << "not told yet";
    EXPECT_EQ(table_.begin_with(key(1000), {}, now_), IntTable::Begin::Now);
    EXPECT_TRUE(table_.has_queues());
    EXPECT_EQ(render(3, 4), std::vector<int>{}) << "it is catching up";
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4}));
    EXPECT_EQ(render(5, 6), std::vector{1000});
    EXPECT_FALSE(table_.has_waiting());
}

TEST_F(DestinationTableTest, WhoIsHeldForNothingIsLiveAtOnce) {
    table_.hold(key(1000), now_);
    EXPECT_FALSE(add(1000));
    EXPECT_EQ(table_.begin_with(key(1000), {}, now_), IntTable::Begin::Later);
    EXPECT_EQ(render(1, 2), std::vector{1000});
}

TEST_F(DestinationTableTest, WhoIsNeverToldBeginsAfterAWhile) {
    table_.hold(key(1000), now_);
    add(1000);
    EXPECT_EQ(render(1, 2), std::vector<int>{});
    now_ += IntTable::kTellTime;
    EXPECT_EQ(render(3, 3), std::vector<int>{});
    EXPECT_EQ(burst(), (Packets{1, 2, 3}));
    EXPECT_EQ(render(4, 4), std::vector{1000});
}

TEST_F(DestinationTableTest, TheBurstMayComeAfterTheAddition) {
    table_.hold(key(1000), now_);
    render(3, 5);
    add(1000);
    render(6, 6);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 4), now_), IntTable::Begin::Now);
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(render(7, 7), std::vector{1000});
}

TEST_F(DestinationTableTest, TheBurstComesFirst) {
    table_.hold(key(1000), now_);
    render(3, 5);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 4), now_), IntTable::Begin::Later);
    render(6, 6);
    EXPECT_TRUE(add(1000));
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(render(7, 7), std::vector{1000});
}

TEST_F(DestinationTableTest, ABurstHoldsToo) {
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 4), now_), IntTable::Begin::Later);
    render(5, 6);
    add(1000);
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4, 5, 6}));
}

TEST_F(DestinationTableTest, ABurstAheadOfTheStreamIsNotRepeated) {
    table_.begin_with(key(1000), items(1, 6), now_);
    add(1000);
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(render(3, 4), std::vector<int>{});
    EXPECT_EQ(render(5, 7), std::vector<int>{}) << "7 is new, 5 and 6 are not";
    EXPECT_EQ(burst(), Packets{7});
    EXPECT_EQ(render(8, 8), std::vector{1000});
}

TEST_F(DestinationTableTest, FollowsDirectlyBehindItsBurst) {
    table_.begin_with(key(1000), items(1, 6), now_);
    add(1000);
    burst();
    EXPECT_EQ(render(7, 8), std::vector{1000});
    EXPECT_FALSE(table_.has_queues());
}

TEST_F(DestinationTableTest, StaysInOrderWhileAPortionIsOnItsWay) {
    table_.begin_with(key(1000), items(1, 2), now_);
    add(1000);
    auto portion = table_.take(kAllAtOnce, now_);
    ASSERT_TRUE(portion);
    EXPECT_EQ(render(3, 4), std::vector<int>{}) << "1 and 2 are not out yet";
    EXPECT_FALSE(table_.take(kAllAtOnce, now_)) << "not two at once";
    sent(*portion);
    EXPECT_EQ(burst(), (Packets{3, 4}));
    EXPECT_EQ(render(5, 5), std::vector{1000});
}

TEST_F(DestinationTableTest, NoBurstForWhoWasAddedAlready) {
    add(1000);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 2), now_), IntTable::Begin::Refused);
    table_.hold(key(1000), now_);
    EXPECT_EQ(render(3, 3), std::vector{1000});
    EXPECT_FALSE(table_.has_queues());
}

TEST_F(DestinationTableTest, AddingTwiceDoesNotEndTheBurst) {
    table_.begin_with(key(1000), items(1, 2), now_);
    EXPECT_TRUE(add(1000));
    EXPECT_FALSE(add(1000));
    EXPECT_EQ(live(), std::vector<int>{});
    EXPECT_EQ(burst(), (Packets{1, 2}));
    EXPECT_EQ(render(3, 3), (std::vector{1000, 1000}));
}

TEST_F(DestinationTableTest, AHoldEndsByItself) {
    table_.hold(key(1000), now_);
    now_ += IntTable::kHoldTime - 1;
    render(1, 1);
    EXPECT_EQ(table_.size(), 1U);
    now_ += 1;
    render(2, 2);
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_FALSE(table_.has_waiting());
    EXPECT_FALSE(add(1000)) << "as if it had never been held";
    EXPECT_EQ(render(3, 3), std::vector{1000});
}

TEST_F(DestinationTableTest, AHoldIsWithdrawn) {
    table_.hold(key(1000), now_);
    render(1, 2);
    EXPECT_NE(table_.release(key(1000)), nullptr);
    EXPECT_FALSE(table_.has_waiting());
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_EQ(table_.release(key(1000)), nullptr);
    EXPECT_FALSE(add(1000));
    EXPECT_EQ(render(3, 3), std::vector{1000}) << "nothing was kept for it";
}

TEST_F(DestinationTableTest, AHoldOfOneThatWasAddedStays) {
    table_.hold(key(1000), now_);
    render(1, 2);
    add(1000);
    EXPECT_EQ(table_.release(key(1000)), nullptr);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 2), now_), IntTable::Begin::Now);
    EXPECT_EQ(burst(), (Packets{1, 2}));
    EXPECT_EQ(table_.release(key(1000)), nullptr);
    EXPECT_EQ(render(3, 3), std::vector{1000});
}

TEST_F(DestinationTableTest, AHoldIsProlonged) {
    table_.hold(key(1000), now_);
    now_ += IntTable::kHoldTime - 1;
    table_.begin_with(key(1000), items(1, 1), now_);
    now_ += IntTable::kHoldTime - 1;
    render(2, 2);
    EXPECT_TRUE(add(1000));
    now_ += 2 * IntTable::kHoldTime;
    render(3, 3);
    EXPECT_EQ(burst(), (Packets{1, 2, 3})) << "added ones do not expire";
}

TEST_F(DestinationTableTest, RemovingDropsTheQueue) {
    table_.begin_with(key(1000), items(1, 2), now_);
    table_.remove(key(1000)); // only held
    EXPECT_FALSE(table_.has_waiting());
    table_.begin_with(key(1000), items(1, 2), now_);
    add(1000);
    auto portion = table_.take(kAllAtOnce, now_);
    ASSERT_TRUE(portion);
    table_.remove(key(1000));
    sent(*portion);
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_EQ(render(3, 3), std::vector<int>{});
    table_.begin_with(key(2000), items(1, 2), now_);
    add(2000);
    portion = table_.take(kAllAtOnce, now_);
    ASSERT_TRUE(portion);
    table_.clear();
    sent(*portion);
    EXPECT_EQ(render(4, 4), std::vector<int>{});
}

TEST_F(DestinationTableTest, WhoIsLiveKeepsNoQueue) {
    DestinationTable<std::shared_ptr<int>> table;
    const auto packet = std::make_shared<int>(1);
    const auto address = *SocketAddress::resolve("127.0.0.1", 1000);
    table.begin_with(key(1000), {{packet, 1, kSize}}, now_);
    table.add(key(1000), address, now_);
    EXPECT_EQ(packet.use_count(), 2);
    table.forget_queues();
    EXPECT_EQ(packet.use_count(), 1);
    EXPECT_EQ(table.size(), 1U);
}

TEST_F(DestinationTableTest, ForgottenQueuesGoLive) {
    table_.begin_with(key(1000), items(1, 2), now_);
    add(1000);
    table_.hold(key(2000), now_);
    table_.forget_queues();
    EXPECT_FALSE(table_.has_waiting());
    EXPECT_EQ(table_.size(), 1U);
    EXPECT_EQ(render(3, 3), std::vector{1000});
}

} // namespace
} // namespace rtspproxy::fanout::tests
