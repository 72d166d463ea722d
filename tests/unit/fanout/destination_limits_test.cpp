// DestinationTable: queues that grow too long, the pace they are sent at, and the accounts.
#include "tests/unit/fanout/destination_table_fixture.hpp"

namespace rtspproxy::fanout::tests {
namespace {

class DestinationOverflowTest : public DestinationTableTest {};
class DestinationPaceTest : public DestinationTableTest {};
class DestinationAccountTest : public DestinationTableTest {};

TEST_F(DestinationOverflowTest, AQueueThatGrowsTooLongIsDropped) {
    table_.begin_with(key(1000), items(1, 2), now_);
    add(1000);
    EXPECT_EQ(render(3, 5, 3 * kSize), std::vector<int>{});
    EXPECT_EQ(table_.overflows().queues, 0U);
    EXPECT_EQ(render(6, 9, 3 * kSize), std::vector{1000}) << "goes on live";
    EXPECT_EQ(table_.overflows().queues, 1U);
    EXPECT_EQ(table_.overflows().packets, 5U) << "1 to 5";
    EXPECT_EQ(burst(), Packets{});
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{4, 4 * kSize}));
    table_.reset_overflows();
    EXPECT_EQ(table_.overflows().queues, 0U);
}

TEST_F(DestinationOverflowTest, AlsoWhileItIsHeld) {
    table_.begin_with(key(1000), items(1, 2), now_);
    render(3, 6, 3 * kSize);
    EXPECT_EQ(table_.overflows().queues, 1U);
    EXPECT_EQ(table_.overflows().packets, 6U);
    render(7, 7, 3 * kSize);
    EXPECT_EQ(table_.overflows().packets, 6U) << "nobody was added yet who could lose anything";
    EXPECT_FALSE(add(1000));
    EXPECT_EQ(render(8, 8), std::vector{1000}) << "7 is not sent alone";
    EXPECT_EQ(burst(), Packets{});
    EXPECT_EQ(table_.overflows().queues, 1U);
}

TEST_F(DestinationOverflowTest, AfterAnOverflowNoBurstHasAHole) {
    table_.hold(key(1000), now_);
    render(3, 6, 3 * kSize);
    add(1000);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 4), now_), IntTable::Begin::Later)
        << "5 and 6 are lost";
    EXPECT_EQ(table_.overflows().packets, 4U + 4U);
    EXPECT_FALSE(table_.has_queues());
    EXPECT_EQ(render(7, 8), std::vector{1000});
}

TEST_F(DestinationOverflowTest, AfterAnOverflowABurstMayHaveWhatWasLost) {
    table_.hold(key(1000), now_);
    render(3, 6, 3 * kSize);
    add(1000);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 7), now_), IntTable::Begin::Now);
    EXPECT_EQ(render(7, 8), std::vector<int>{});
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(render(9, 9), std::vector{1000});
}

TEST_F(DestinationOverflowTest, AnOverflowWhileAPortionIsOnItsWayEndsBehindIt) {
    table_.begin_with(key(1000), items(1, 2), now_);
    add(1000);
    auto portion = table_.take(kAllAtOnce, now_);
    ASSERT_TRUE(portion);
    EXPECT_EQ(render(3, 6, 3 * kSize), std::vector<int>{}) << "1 and 2 are not out yet";
    EXPECT_EQ(render(7, 7, 3 * kSize), std::vector<int>{});
    sent(*portion);
    EXPECT_EQ(table_.overflows().packets, 5U) << "3 to 7";
    EXPECT_EQ(burst(), Packets{}) << "no piece of what is left";
    EXPECT_EQ(render(8, 8), std::vector{1000});
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{3, 3 * kSize}));
}

TEST_F(DestinationOverflowTest, OnlySoManyAreHeld) {
    const int most = static_cast<int>(IntTable::kMaxHeld);
    for (int port = 1000; port < 1000 + most; ++port)
        EXPECT_TRUE(table_.hold(key(port), now_));
    EXPECT_FALSE(table_.hold(key(1), now_));
    EXPECT_EQ(table_.begin_with(key(1), items(1, 2), now_), IntTable::Begin::Refused);
    EXPECT_TRUE(table_.hold(key(1000), now_)) << "it is held already";
    EXPECT_EQ(table_.size(), IntTable::kMaxHeld);
    add(1000);
    EXPECT_TRUE(table_.hold(key(1), now_)) << "one that was added does not count";
    EXPECT_NE(table_.release(key(1001)), nullptr);
    EXPECT_TRUE(table_.hold(key(2), now_));
    EXPECT_FALSE(table_.hold(key(3), now_));
}

TEST_F(DestinationPaceTest, IsSentAtItsPace) {
    constexpr Pace kPace{80'000'000}; // 10 kB a millisecond
    table_.begin_with(key(1000), items(1, 100), now_);
    add(1000);
    EXPECT_EQ(burst(kPace).size(), 32U) << "32 KiB at once";
    EXPECT_EQ(burst(kPace).size(), 0U);
    now_ += 1 * kMillisecond;
    EXPECT_EQ(burst(kPace).size(), 10U);
    now_ += kMillisecond / 2;
    EXPECT_EQ(burst(kPace).size(), 0U) << "no crumbs";
    now_ += kMillisecond / 2;
    EXPECT_EQ(burst(kPace).size(), 10U);
    now_ += 50 * kMillisecond;
    EXPECT_EQ(burst(kPace).size(), 32U) << "never more than that at once";
    now_ += 50 * kMillisecond;
    EXPECT_EQ(burst(kPace).size(), 16U);
    EXPECT_EQ(render(101, 101), std::vector{1000});
}

TEST_F(DestinationPaceTest, SlowPacesAreKeptToo) {
    for (const std::uint64_t rate : {1U, 7U, 1000U, 12'345U, 1'000'001U}) {
        const Pace pace{rate};
        const int port = static_cast<int>(1000 + rate % 1000);
        table_.begin_with(key(port), items(1, 1000), now_);
        add(port);
        EXPECT_EQ(burst(pace).size(), 32U) << rate;
        now_ += kMillisecond;
        EXPECT_EQ(burst(pace).size(), 0U) << rate;
        const std::uint64_t span = 100 * kSize * 8 * kSecond / rate;
        std::size_t sent = 0;
        for (const std::uint64_t begin = now_; now_ - begin < span;) {
            now_ += std::min(kSecond, std::max(span / 5000, kMillisecond / 10));
            sent += burst(pace).size();
        }
        EXPECT_GE(sent, 90U) << rate;
        EXPECT_LE(sent, 101U) << rate;
        table_.remove(key(port));
    }
}

TEST_F(DestinationPaceTest, APaceMayBeSetLater) {
    table_.begin_with(key(1000), items(1, 1000), now_);
    add(1000);
    for (int i = 0; i < 10; ++i) {
        auto portion = table_.take(kAllAtOnce, now_);
        ASSERT_TRUE(portion);
        sent(*portion);
    }
    now_ += 5 * kMillisecond;
    EXPECT_EQ(burst(Pace{80'000'000}).size(), 32U) << "what was sent before does not count";
}

TEST_F(DestinationPaceTest, QueuesTakeTurns) {
    for (const int port : {1000, 2000, 3000}) {
        table_.begin_with(key(port), items(1, 200), now_);
        add(port);
    }
    std::vector<const IntTable::Destination*> order;
    for (int i = 0; i < 6; ++i) {
        auto portion = table_.take(kAllAtOnce, now_);
        ASSERT_TRUE(portion);
        order.push_back(portion->destination.get());
        sent(*portion);
    }
    EXPECT_NE(order[0], order[1]);
    EXPECT_NE(order[1], order[2]);
    EXPECT_NE(order[0], order[2]);
    EXPECT_EQ(order[0], order[3]);
    EXPECT_EQ(order[1], order[4]);
}

TEST_F(DestinationAccountTest, CountsTheTrafficOfEach) {
    render(1, 3);
    add(1000);
    render(4, 5);
    table_.begin_with(key(2000), items(4, 6), now_);
    add(2000);
    render(6, 7);
    burst();
    render(8, 8);
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{5, 5 * kSize}));
    EXPECT_EQ(table_.traffic(key(2000)), (Traffic{5, 5 * kSize}));
    EXPECT_FALSE(table_.traffic(key(3000)));
}

TEST_F(DestinationAccountTest, CountsWhatItWasSentTwice) {
    add(1000);
    render(1, 3);
    add(1000);
    render(4, 5);
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{7, 7 * kSize}));
    table_.set_duplicates(false);
    EXPECT_EQ(render(6, 6), std::vector{1000});
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{8, 8 * kSize}));
    table_.set_duplicates(true);
    EXPECT_EQ(render(7, 7), (std::vector{1000, 1000}));
    table_.remove(key(1000));
    render(8, 8);
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{11, 11 * kSize}));
}

TEST_F(DestinationAccountTest, DoesNotCountWhatItLost) {
    add(1000);
    render(1, 3);
    table_.for_each_live([this](const auto& destination, unsigned) {
        table_.lost(*destination, {2, 2 * kSize});
    });
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{1, kSize}));
}

} // namespace
} // namespace rtspproxy::fanout::tests
