#include "app/server/intake/pace.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::server {
namespace {

using namespace std::chrono_literals;

TEST(Pace, AllowsABurstAndThenSoMuchATime) {
    Pace pace;
    auto now = Pace::Clock::now();
    int done = 0;
    for (; pace.ready(now); ++done)
        pace.charge(1, now);
    EXPECT_EQ(done, Pace::kBurst + 1);
    EXPECT_GT(pace.ready_at(), now);
    EXPECT_LE(pace.ready_at(), now + Pace::kInterval);
    for (const auto end = now + 1s; now < end; now += 1ms)
        if (pace.ready(now)) {
            pace.charge(1, now);
            ++done;
        }
    EXPECT_NEAR(done - Pace::kBurst, 1s / Pace::kInterval, 2);
}

TEST(Pace, MakesAGreatPieceOfWorkWaitOnlyAfterwards) {
    Pace pace;
    const auto now = Pace::Clock::now();
    pace.charge(1000, now);
    EXPECT_EQ(pace.ready_at(), now + (1000 - Pace::kBurst) * Pace::kInterval);
}

} // namespace
} // namespace rtspproxy::server
