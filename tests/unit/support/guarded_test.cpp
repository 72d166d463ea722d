#include "plugins/support/guarded.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rtspproxy::tests {
namespace {

struct Pair {
    int left = 0;
    int right = 0;
};

TEST(Guarded, ReachesTheValue) {
    Guarded<std::string> text("abc");
    EXPECT_EQ(*text.lock(), "abc");
    text.lock()->append("d");
    EXPECT_EQ(text.with([](std::string& value) { return value.size(); }), 4U);
    text.with([](std::string& value) { value.clear(); });
    EXPECT_TRUE(text.lock()->empty());
}

TEST(Guarded, HoldsWhatCannotBeCopied) {
    Guarded<std::unique_ptr<int>> value(std::make_unique<int>(7));
    EXPECT_EQ(**value.lock(), 7);
}

TEST(Guarded, HandsTheFunctionOnAsItIs) {
    Guarded<int> value(1);
    auto once = [owned = std::make_unique<int>(2)](int& number) { return number + *owned; };
    EXPECT_EQ(value.with(std::move(once)), 3);
}

TEST(Guarded, IsLockedWhileItIsAccessed) {
    Guarded<int> value(0);
    std::atomic<bool> asked{false};
    std::thread other;
    {
        auto access = value.lock();
        other = std::thread([&] {
            asked.store(true);
            *value.lock() += 1;
        });
        while (!asked.load())
            std::this_thread::yield();
        for (int i = 0; i < 1000; ++i)
            std::this_thread::yield();
        EXPECT_EQ(*access, 0);
    }
    other.join();
    EXPECT_EQ(*value.lock(), 1);
}

TEST(Guarded, ThreadsSeeWholeValues) {
    Guarded<Pair> pair;
    std::atomic<int> torn{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int step = 0; step < 2000; ++step) {
                auto access = pair.lock();
                if (access->left != access->right)
                    torn.fetch_add(1);
                ++access->left;
                std::this_thread::yield();
                ++access->right;
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(torn.load(), 0);
    EXPECT_EQ(pair.lock()->right, 8000);
}

} // namespace
} // namespace rtspproxy::tests
