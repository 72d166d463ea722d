// Lets the default main context run within a test.
#pragma once

#include "tests/support/deadline.hpp"

#include <glib.h>

#include <thread>

namespace rtspproxy::backend::tests {

template <class Condition>
[[nodiscard]] bool iterate_until(Condition&& condition) {
    return rtspproxy::tests::eventually([&condition] {
        while (g_main_context_iteration(nullptr, FALSE) != FALSE) {
        }
        return condition();
    });
}

inline void iterate_for(rtspproxy::tests::Clock::duration span) {
    using rtspproxy::tests::Clock;
    for (const auto end = Clock::now() + span; Clock::now() < end;
         std::this_thread::sleep_for(std::chrono::milliseconds(1)))
        g_main_context_iteration(nullptr, FALSE);
}

} // namespace rtspproxy::backend::tests
