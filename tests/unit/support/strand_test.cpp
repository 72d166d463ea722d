#include "plugins/support/strand.hpp"

#include "tests/support/deadline.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace rtspproxy::tests {
namespace {

// Blocks the strand until it is told to go on.
struct Gate {
    std::promise<void> open;
    std::shared_future<void> opened{open.get_future().share()};
};

void wait_for(std::future<void> done) {
    ASSERT_EQ(done.wait_for(kPatience), std::future_status::ready);
}

// When everything that was posted before has run.
std::future<void> finished(Strand& strand) {
    auto promise = std::make_shared<std::promise<void>>();
    auto future = promise->get_future();
    strand.post([promise] { promise->set_value(); });
    return future;
}

TEST(Strand, RunsInTheOrderOfPosting) {
    Strand strand;
    std::vector<int> order; // no lock: never two tasks at once
    for (int i = 0; i < 1000; ++i)
        strand.post([&order, i] { order.push_back(i); });
    wait_for(finished(strand));
    ASSERT_EQ(order.size(), 1000U);
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Strand, NeverRunsTwoAtOnce) {
    Strand strand;
    std::atomic<int> running{0};
    std::atomic<int> overlaps{0};
    int ran = 0; // no lock: would be torn if two ran at once
    std::vector<std::thread> posters;
    for (int i = 0; i < 4; ++i)
        posters.emplace_back([&] {
            for (int step = 0; step < 500; ++step)
                strand.post([&] {
                    if (running.fetch_add(1) != 0)
                        overlaps.fetch_add(1);
                    ++ran;
                    running.fetch_sub(1);
                });
        });
    for (auto& poster : posters)
        poster.join();
    wait_for(finished(strand));
    EXPECT_EQ(overlaps.load(), 0);
    EXPECT_EQ(ran, 2000);
}

TEST(Strand, DoesNotRunInTheCallersThread) {
    Strand strand;
    std::thread::id runner;
    strand.post([&runner] { runner = std::this_thread::get_id(); });
    wait_for(finished(strand));
    EXPECT_NE(runner, std::this_thread::get_id());
}

TEST(Strand, ABlockedOneDoesNotStopAnother) {
    Gate gate;
    Strand blocked;
    std::vector<Strand> others(8);
    blocked.post([opened = gate.opened] { opened.wait(); });
    auto after = finished(blocked);
    for (auto& other : others)
        wait_for(finished(other));
    EXPECT_EQ(after.wait_for(0s), std::future_status::timeout);
    gate.open.set_value();
    wait_for(std::move(after));
}

TEST(Strand, ATaskMayPostAnother) {
    Strand strand;
    std::promise<void> done;
    auto future = done.get_future();
    int order = 0;
    strand.post([&] {
        strand.post([&] {
            EXPECT_EQ(order, 1);
            done.set_value();
        });
        order = 1; // the outer one ends before the inner one begins
    });
    wait_for(std::move(future));
}

TEST(Strand, RunsWhatWasPostedWhenItIsGone) {
    Gate gate;
    std::future<void> last;
    {
        Strand strand;
        strand.post([opened = gate.opened] { opened.wait(); });
        last = finished(strand);
    }
    gate.open.set_value();
    wait_for(std::move(last));
}

TEST(Strand, FreesATaskOnceItHasRun) {
    Strand strand;
    auto owned = std::make_shared<int>(1);
    const std::weak_ptr<int> weak = owned;
    strand.post([owned = std::move(owned)] {});
    EXPECT_TRUE(eventually([&weak] { return weak.expired(); }));
}

TEST(Strand, WorksAgainAfterItWasIdle) {
    Strand strand;
    for (int i = 0; i < 100; ++i)
        wait_for(finished(strand));
}

TEST(Strand, ACopyIsTheSameStrand) {
    Gate gate;
    Strand strand;
    Strand copy = strand;
    strand.post([opened = gate.opened] { opened.wait(); });
    auto after = finished(copy);
    EXPECT_EQ(after.wait_for(20ms), std::future_status::timeout);
    gate.open.set_value();
    wait_for(std::move(after));
}

} // namespace
} // namespace rtspproxy::tests
