// Destinations that begin with a burst, while the stream goes on.
#include "tests/element/fanout/sink_fixture.hpp"

#include "plugins/support/guarded.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>

namespace rtspproxy::tests {
namespace {

Datagrams packets(int first, int last, std::size_t size = 1000) {
    Datagrams all;
    for (int i = first; i <= last; ++i)
        all.push_back(packet(static_cast<std::uint16_t>(i), size));
    return all;
}
// How many threads of this process send bursts.
std::size_t burst_threads() {
    std::size_t count = 0;
    std::error_code gone; // as threads do while one looks
    for (std::filesystem::directory_iterator at("/proc/self/task", gone), end; !gone && at != end;
         at.increment(gone)) {
        std::string name;
        std::ifstream(at->path() / "comm") >> name;
        count += name == "udp-burst" ? 1 : 0;
    }
    return count;
}

class BurstTest : public SinkTest {
  protected:
    // Waits until so many packets have come.
    static Datagrams take(UdpReceiver& from, std::size_t count) {
        Datagrams all;
        EXPECT_TRUE(eventually([&] {
            for (auto& one : from.take())
                all.push_back(std::move(one));
            return all.size() >= count;
        })) << all.size();
        return all;
    }
    // Until it is live again.
    [[nodiscard]] bool wait_until_caught_up() {
        return eventually([this] { return stat("waiting") == 0; });
    }

    UdpReceiver receiver_{"127.0.0.1"};
};

TEST_F(BurstTest, WhatWasRenderedSinceTheHoldComesFirst) {
    start();
    push_list(packets(1, 2));
    hold(receiver_);
    push_list(packets(3, 4));
    push(packet(5));
    add(receiver_);
    burst(receiver_, {}); // it begins with nothing else
    EXPECT_EQ(take(receiver_, 3), packets(3, 5));
    ASSERT_TRUE(wait_until_caught_up());
    push_list(packets(6, 7));
    EXPECT_EQ(receiver_.take(), packets(6, 7));
    EXPECT_EQ(stat("bursts"), 1U);
    EXPECT_EQ(stat("burst-packets"), 3U);
}

TEST_F(BurstTest, TheBurstThenTheRestThenTheStream) {
    start();
    hold(receiver_);
    push_list(packets(10, 15));
    burst(receiver_, packets(1, 12));
    push_list(packets(16, 17));
    add(receiver_);
    EXPECT_EQ(take(receiver_, 17), packets(1, 17));
    ASSERT_TRUE(wait_until_caught_up());
    push_list(packets(18, 19));
    EXPECT_EQ(receiver_.take(), packets(18, 19));
    EXPECT_EQ(stat("dropped"), 0U);
}

TEST_F(BurstTest, NothingIsKeptAfterARelease) {
    start();
    hold(receiver_);
    push_list(packets(1, 2));
    release(receiver_);
    EXPECT_EQ(stat("waiting"), 0U);
    add(receiver_);
    push_list(packets(3, 4));
    EXPECT_EQ(receiver_.take(), packets(3, 4));
    release(receiver_); // it was added
    push(packet(5));
    EXPECT_EQ(receiver_.take(), packets(5, 5));
}

TEST_F(BurstTest, NotHeldIsLiveAtOnce) {
    start();
    hold(receiver_); // for nothing
    add(receiver_);
    burst(receiver_, {});
    push_list(packets(1, 3));
    EXPECT_EQ(receiver_.take(), packets(1, 3));
    EXPECT_EQ(stat("bursts"), 0U);
    EXPECT_EQ(burst_threads(), 0U);
}

TEST_F(BurstTest, NeedsASecondThreadOnlyWhileItLasts) {
    set("burst-rate", guint64{7}); // which is not none
    start();
    EXPECT_EQ(burst_threads(), 0U);
    burst(receiver_, packets(1, 300));
    add(receiver_);
    EXPECT_EQ(take(receiver_, 32), packets(1, 32));
    EXPECT_EQ(burst_threads(), 1U);
    set("burst-rate", guint64{20'000'000});
    EXPECT_EQ(take(receiver_, 268), packets(33, 300));
    EXPECT_TRUE(eventually([] { return burst_threads() == 0; }));
}

TEST_F(BurstTest, KeepsToItsRate) {
    set("burst-rate", guint64{16'000'000}); // 2 kB a millisecond
    start();
    burst(receiver_, packets(1, 232));
    const auto begin = Clock::now();
    add(receiver_);
    EXPECT_EQ(take(receiver_, 232), packets(1, 232));
    EXPECT_GE(Clock::now() - begin, 90ms) << "200 kB behind the first 32";
    EXPECT_TRUE(eventually([this] { return stat("burst-packets") == 232; }));
}

TEST_F(BurstTest, TheUsualPaceIsAMegabyteInASixteenthOfASecond) {
    start();
    burst(receiver_, packets(1, 1000));
    const auto begin = Clock::now();
    add(receiver_);
    EXPECT_EQ(take(receiver_, 1000), packets(1, 1000));
    EXPECT_GE(Clock::now() - begin, 55ms) << "128 Mbit/s";
}

TEST_F(BurstTest, AllAtOnceIfThereIsNoRate) {
    set("burst-rate", guint64{0});
    start();
    burst(receiver_, packets(1, 1500));
    add(receiver_);
    EXPECT_EQ(take(receiver_, 1500), packets(1, 1500));
}

TEST_F(BurstTest, AQueueThatGrowsTooLongGoesLive) {
    set("burst-rate", guint64{8000}); // does not keep up
    set("burst-max-bytes", guint{10'000});
    start();
    burst(receiver_, packets(1, 100));
    add(receiver_);
    take(receiver_, 32);
    ASSERT_TRUE(eventually([this] { return stat("burst-packets") == 32; })); // no more on its way
    push_list(packets(101, 105));
    EXPECT_EQ(receiver_.take(), Datagrams{});
    EXPECT_EQ(stat("dropped"), 0U);
    push_list(packets(106, 112));
    EXPECT_EQ(stat("burst-overflows"), 1U);
    EXPECT_EQ(stat("dropped"), 68U + 5U);
    EXPECT_EQ(receiver_.take(), packets(106, 112)) << "from the next list on";
    push_list(packets(113, 113));
    EXPECT_EQ(receiver_.take(), packets(113, 113));
}

TEST_F(BurstTest, RemovingEndsIt) {
    set("burst-rate", guint64{8000});
    start();
    burst(receiver_, packets(1, 1000));
    add(receiver_);
    take(receiver_, 32);
    remove(receiver_);
    ASSERT_TRUE(eventually([] { return burst_threads() == 0; }));
    EXPECT_LT(receiver_.take().size(), 1000U - 32U);
    push_list(packets(1001, 1002));
    EXPECT_EQ(receiver_.take(), Datagrams{});
}

TEST_F(BurstTest, StoppingEndsItAndItGoesOnLive) {
    set("burst-rate", guint64{8'000'000});
    for (int cycle = 0; cycle < 3; ++cycle) {
        start();
        burst(receiver_, packets(1, 1000));
        add(receiver_);
        take(receiver_, 32);
        const auto begin = Clock::now();
        set_state(GST_STATE_NULL);
        EXPECT_LT(Clock::now() - begin, 5s);
        receiver_.take();
        start();
        push_list(packets(1001, 1002));
        EXPECT_EQ(receiver_.take(), packets(1001, 1002));
        remove(receiver_);
        set_state(GST_STATE_NULL);
    }
}

TEST_F(BurstTest, BeforeTheStartItWaitsForNothing) {
    burst(receiver_, packets(1, 3));
    add(receiver_);
    start();
    push_list(packets(4, 5));
    EXPECT_EQ(take(receiver_, 5), packets(1, 5));
}

// A stream that goes on, and the newest packets of it, as a cache of the last pictures has them.
class Stream {
  public:
    explicit Stream(std::function<void(const Datagrams&)> push) : push_(std::move(push)) {
        thread_ = std::thread([this] { run(); });
    }
    ~Stream() { stop(); }
    void stop() {
        stopping_.store(true);
        if (thread_.joinable())
            thread_.join();
    }
    [[nodiscard]] Datagrams cache() { return *cache_.lock(); }
    [[nodiscard]] std::uint16_t last() const { return last_; }
    // Waits until so many lists more were pushed.
    [[nodiscard]] bool wait_for(unsigned lists) const {
        const unsigned wanted = pushed_.load() + lists;
        return eventually([&] { return pushed_.load() >= wanted; });
    }

  private:
    static constexpr std::size_t kCached = 150;

    void run() {
        std::uint16_t next = 65000; // soon wraps
        while (!stopping_.load()) {
            Datagrams list;
            for (int i = 0; i < 7; ++i)
                list.push_back(packet(++next, i == 6 ? 300 : 1200));
            // The cache is ahead of the sink.
            cache_.with([&](Datagrams& cache) {
                cache.insert(cache.end(), list.begin(), list.end());
                if (cache.size() > kCached)
                    cache.erase(cache.begin(), cache.end() - kCached);
            });
            std::this_thread::sleep_for(2ms);
            push_(list);
            ++pushed_;
        }
        last_ = next;
    }

    std::function<void(const Datagrams&)> push_;
    Guarded<Datagrams> cache_;
    std::atomic<bool> stopping_{false};
    std::atomic<unsigned> pushed_{0};
    std::uint16_t last_ = 0;
    std::thread thread_;
};

TEST_F(BurstTest, JoiningARunningStreamLosesAndRepeatsNothing) {
    start();
    Stream stream([this](const Datagrams& list) { push_list(list); });
    struct Client {
        UdpReceiver receiver{"127.0.0.1", 16 << 20};
        Datagrams got;
        std::uint16_t first = 0;
    };
    std::vector<std::unique_ptr<Client>> clients;
    const auto collect = [&clients] {
        for (auto& client : clients)
            for (auto& one : client->receiver.take())
                client->got.push_back(std::move(one));
    };
    ASSERT_TRUE(stream.wait_for(50));
    for (int i = 0; i < 30; ++i) {
        auto& client = *clients.emplace_back(std::make_unique<Client>());
        hold(client.receiver);
        if (i % 3 == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(200 * i));
        const auto cache = stream.cache();
        client.first = sequence_of(cache.front());
        burst(client.receiver, cache);
        if (i % 4 == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(300 * i));
        add(client.receiver);
        collect();
    }
    EXPECT_TRUE(eventually([&] {
        collect();
        return stat("waiting") == 0;
    }));
    EXPECT_TRUE(stream.wait_for(5)); // live
    stream.stop();
    ASSERT_TRUE(wait_until_caught_up());
    collect();
    EXPECT_EQ(stat("dropped"), 0U);
    EXPECT_EQ(stat("burst-overflows"), 0U);
    EXPECT_EQ(stat("bursts"), clients.size());
    for (const auto& client : clients) {
        std::uint16_t expected = client->first;
        for (const Bytes& one : client->got)
            ASSERT_EQ(sequence_of(one), expected++) << "behind " << client->first;
        EXPECT_EQ(static_cast<std::uint16_t>(expected - 1), stream.last());
    }
}

} // namespace
} // namespace rtspproxy::tests
