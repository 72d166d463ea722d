// Waiting for something to become true, with a bound.
#pragma once

#include <chrono>
#include <thread>

namespace rtspproxy::tests {

using namespace std::chrono_literals; // NOLINT(google-build-using-namespace): literals for tests
using Clock = std::chrono::steady_clock;

// How long a test waits for what should come at once: long enough for a busy machine.
inline constexpr auto kPatience = 15s;

// Calls `condition` every few milliseconds until it holds. False: it did not within `patience`.
template <class Condition>
[[nodiscard]] bool eventually(Condition&& condition, Clock::duration patience = kPatience) {
    for (const auto deadline = Clock::now() + patience; Clock::now() < deadline;) {
        if (condition())
            return true;
        std::this_thread::sleep_for(5ms);
    }
    return condition();
}

// True if `condition` held at every look during `span`; false at the first time that it did not.
template <class Condition>
[[nodiscard]] bool throughout(Condition&& condition, Clock::duration span) {
    return !eventually([&condition] { return !condition(); }, span);
}

} // namespace rtspproxy::tests
