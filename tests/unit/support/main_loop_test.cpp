#include "plugins/support/main_loop.hpp"

#include "tests/support/deadline.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rtspproxy::tests {
namespace {

using std::chrono::milliseconds;

// Runs the default main context until `condition` holds.
template <class Condition>
bool iterate_until(Condition&& condition) {
    return eventually([&condition] {
        while (g_main_context_iteration(nullptr, FALSE) != FALSE) {
        }
        return condition();
    });
}
void iterate_for(Clock::duration span) {
    for (const auto end = Clock::now() + span; Clock::now() < end; std::this_thread::sleep_for(1ms))
        g_main_context_iteration(nullptr, FALSE);
}

TEST(PostToMain, RunsLaterAndOnce) {
    int ran = 0;
    post_to_main([&ran] { ++ran; });
    EXPECT_EQ(ran, 0);
    ASSERT_TRUE(iterate_until([&ran] { return ran > 0; }));
    iterate_for(20ms);
    EXPECT_EQ(ran, 1);
}

TEST(PostToMain, KeepsTheOrderAndRunsInTheMainThread) {
    std::vector<int> order;
    std::optional<std::thread::id> runner;
    std::thread([&] {
        for (int i = 0; i < 50; ++i)
            post_to_main([&, i] {
                order.push_back(i);
                runner = std::this_thread::get_id();
            });
    }).join();
    ASSERT_TRUE(iterate_until([&order] { return order.size() == 50; }));
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(runner, std::this_thread::get_id());
}

TEST(PostToMain, FreesWhatItRan) {
    auto owned = std::make_shared<int>(1);
    const std::weak_ptr<int> weak = owned;
    post_to_main([owned = std::move(owned)] {});
    EXPECT_FALSE(weak.expired());
    EXPECT_TRUE(iterate_until([&weak] { return weak.expired(); }));
}

TEST(Timer, FiresOnceAndNotFromWithinSet) {
    Timer timer;
    int fired = 0;
    timer.set(milliseconds(0), [&fired] { ++fired; });
    EXPECT_EQ(fired, 0);
    ASSERT_TRUE(iterate_until([&fired] { return fired > 0; }));
    iterate_for(20ms);
    EXPECT_EQ(fired, 1);
}

TEST(Timer, DoesNotFireBeforeItsTime) {
    Timer timer;
    bool fired = false;
    const auto start = Clock::now();
    timer.set(milliseconds(30), [&fired] { fired = true; });
    ASSERT_TRUE(iterate_until([&fired] { return fired; }));
    EXPECT_GE(Clock::now() - start, 29ms); // GLib counts in whole milliseconds
}

TEST(Timer, ADelayInThePastIsNow) {
    Timer timer;
    bool fired = false;
    timer.set(milliseconds(-5000), [&fired] { fired = true; });
    EXPECT_TRUE(iterate_until([&fired] { return fired; }));
}

TEST(Timer, SettingItAgainMovesIt) {
    Timer timer;
    int first = 0;
    int second = 0;
    timer.set(milliseconds(1), [&first] { ++first; });
    timer.set(milliseconds(5), [&second] { ++second; });
    ASSERT_TRUE(iterate_until([&second] { return second > 0; }));
    iterate_for(20ms);
    EXPECT_EQ(first, 0);
    EXPECT_EQ(second, 1);
}

TEST(Timer, CancelStopsIt) {
    Timer timer;
    timer.cancel(); // nothing to stop
    int fired = 0;
    timer.set(milliseconds(1), [&fired] { ++fired; });
    timer.cancel();
    timer.cancel();
    iterate_for(20ms);
    EXPECT_EQ(fired, 0);
}

TEST(Timer, DestroyingItCancels) {
    auto owned = std::make_shared<int>(1);
    const std::weak_ptr<int> weak = owned;
    int fired = 0;
    {
        Timer timer;
        timer.set(milliseconds(1), [&fired, owned = std::move(owned)] { ++fired; });
        EXPECT_FALSE(weak.expired());
    }
    EXPECT_TRUE(weak.expired()); // and frees what it held
    iterate_for(20ms);
    EXPECT_EQ(fired, 0);
}

TEST(Timer, MayBeSetAgainFromItsOwnCallback) {
    Timer timer;
    int fired = 0;
    const std::function<void()> again = [&] {
        if (++fired < 3)
            timer.set(milliseconds(0), again);
    };
    timer.set(milliseconds(0), again);
    ASSERT_TRUE(iterate_until([&fired] { return fired == 3; }));
    iterate_for(20ms);
    EXPECT_EQ(fired, 3);
}

TEST(Timer, MayBeCancelledFromItsOwnCallback) {
    Timer timer;
    bool fired = false;
    timer.set(milliseconds(0), [&] {
        timer.cancel();
        fired = true;
    });
    EXPECT_TRUE(iterate_until([&fired] { return fired; }));
}

TEST(Timer, MayBeDestroyedInItsOwnCallback) {
    auto timer = std::make_unique<Timer>();
    auto text = std::make_shared<std::string>("still here");
    std::string seen;
    timer->set(milliseconds(0), [&timer, &seen, text] {
        timer.reset();
        seen = *text; // what the callback holds outlives the timer
    });
    text.reset();
    ASSERT_TRUE(iterate_until([&seen] { return !seen.empty(); }));
    EXPECT_EQ(seen, "still here");
    EXPECT_FALSE(timer);
}

} // namespace
} // namespace rtspproxy::tests
