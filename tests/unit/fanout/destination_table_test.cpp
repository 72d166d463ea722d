#include "plugins/fanout/destination_table.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::fanout::tests {
namespace {

using IntTable = DestinationTable<int>;
using Packets = std::vector<int>;

constexpr std::size_t kSize = 1000;
constexpr std::size_t kMaxBytes = 1'000'000;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1000 * kMillisecond;
constexpr Pace kAllAtOnce{};

class DestinationTableTest : public ::testing::Test {
  protected:
    static IntTable::Key key(int port) { return {"127.0.0.1", port}; }
    static std::vector<IntTable::Item> items(int first, int last) {
        std::vector<IntTable::Item> all;
        for (int i = first; i <= last; ++i)
            all.push_back({i, static_cast<std::uint16_t>(i), kSize});
        return all;
    }
    bool add(int port) {
        return table_.add(key(port), *SocketAddress::resolve("127.0.0.1", port), now_) ==
               IntTable::Begin::Now;
    }
    // Ports of those that are sent a list that is rendered now.
    std::vector<int> render(int first, int last, std::size_t max_bytes = kMaxBytes) {
        if (table_.has_waiting())
            table_.collect(items(first, last), max_bytes, now_);
        const auto count = static_cast<std::uint64_t>(last - first + 1);
        table_.passed({count, count * kSize});
        return live();
    }
    std::vector<int> live() {
        std::vector<int> ports;
        table_.for_each_live([&](const auto& destination, unsigned times) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(destination->address.raw());
            ports.insert(ports.end(), times, ntohs(v4->sin_port));
        });
        return ports;
    }
    void sent(IntTable::Portion& portion) {
        table_.sent(*portion.destination, {portion.packets.size(), portion.packets.size() * kSize});
    }
    // What is sent of the queues now.
    Packets burst(const Pace& pace = kAllAtOnce) {
        Packets all;
        while (auto portion = table_.take(pace, now_)) {
            all.insert(all.end(), portion->packets.begin(), portion->packets.end());
            sent(*portion);
        }
        return all;
    }

    IntTable table_;
    std::uint64_t now_ = 5 * kSecond;
};

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
    table_.remove(key(1000));
    sent(*portion);
    EXPECT_EQ(table_.size(), 0U);
    EXPECT_EQ(render(3, 3), std::vector<int>{});
    table_.begin_with(key(2000), items(1, 2), now_);
    add(2000);
    portion = table_.take(kAllAtOnce, now_);
    table_.clear();
    sent(*portion);
    EXPECT_EQ(render(4, 4), std::vector<int>{});
}

TEST_F(DestinationTableTest, AQueueThatGrowsTooLongIsDropped) {
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

TEST_F(DestinationTableTest, AlsoWhileItIsHeld) {
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

TEST_F(DestinationTableTest, AfterAnOverflowNoBurstHasAHole) {
    table_.hold(key(1000), now_);
    render(3, 6, 3 * kSize);
    add(1000);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 4), now_), IntTable::Begin::Later)
        << "5 and 6 are lost";
    EXPECT_EQ(table_.overflows().packets, 4U + 4U);
    EXPECT_FALSE(table_.has_queues());
    EXPECT_EQ(render(7, 8), std::vector{1000});
}

TEST_F(DestinationTableTest, AfterAnOverflowABurstMayHaveWhatWasLost) {
    table_.hold(key(1000), now_);
    render(3, 6, 3 * kSize);
    add(1000);
    EXPECT_EQ(table_.begin_with(key(1000), items(1, 7), now_), IntTable::Begin::Now);
    EXPECT_EQ(render(7, 8), std::vector<int>{});
    EXPECT_EQ(burst(), (Packets{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(render(9, 9), std::vector{1000});
}

TEST_F(DestinationTableTest, AnOverflowWhileAPortionIsOnItsWayEndsBehindIt) {
    table_.begin_with(key(1000), items(1, 2), now_);
    add(1000);
    auto portion = table_.take(kAllAtOnce, now_);
    EXPECT_EQ(render(3, 6, 3 * kSize), std::vector<int>{}) << "1 and 2 are not out yet";
    EXPECT_EQ(render(7, 7, 3 * kSize), std::vector<int>{});
    sent(*portion);
    EXPECT_EQ(table_.overflows().packets, 5U) << "3 to 7";
    EXPECT_EQ(burst(), Packets{}) << "no piece of what is left";
    EXPECT_EQ(render(8, 8), std::vector{1000});
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{3, 3 * kSize}));
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

TEST_F(DestinationTableTest, IsSentAtItsPace) {
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

TEST_F(DestinationTableTest, SlowPacesAreKeptToo) {
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

TEST_F(DestinationTableTest, APaceMayBeSetLater) {
    table_.begin_with(key(1000), items(1, 1000), now_);
    add(1000);
    for (int i = 0; i < 10; ++i) {
        auto portion = table_.take(kAllAtOnce, now_);
        sent(*portion);
    }
    now_ += 5 * kMillisecond;
    EXPECT_EQ(burst(Pace{80'000'000}).size(), 32U) << "what was sent before does not count";
}

TEST_F(DestinationTableTest, QueuesTakeTurns) {
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

TEST_F(DestinationTableTest, CountsTheTrafficOfEach) {
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

TEST_F(DestinationTableTest, CountsWhatItWasSentTwice) {
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

TEST_F(DestinationTableTest, DoesNotCountWhatItLost) {
    add(1000);
    render(1, 3);
    table_.for_each_live([this](const auto& destination, unsigned) {
        table_.lost(*destination, {2, 2 * kSize});
    });
    EXPECT_EQ(table_.traffic(key(1000)), (Traffic{1, kSize}));
}

} // namespace
} // namespace rtspproxy::fanout::tests
