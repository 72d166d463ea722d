#include "app/backend/presence/pacer.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace rtspproxy::backend::tests {
namespace {

using Time = Pacer::Time;

TEST(Pacer, LetsTheFirstBeginAtOnce) {
    Pacer pacer;
    EXPECT_EQ(pacer.earliest(Time{12345}), Time{12345});
    EXPECT_TRUE(pacer.take(Time{12345}));
}

TEST(Pacer, SaysWhenTheNextMayBegin) {
    Pacer pacer;
    const Time now{1'000'000};
    for (unsigned count = 0; count < Pacer::kAtOnce; ++count) {
        EXPECT_EQ(pacer.earliest(now), now);
        EXPECT_TRUE(pacer.take(now));
    }
    EXPECT_FALSE(pacer.take(now));
    EXPECT_GT(pacer.earliest(now), now);
    EXPECT_FALSE(pacer.take(pacer.earliest(now) - Time{1}));
    EXPECT_TRUE(pacer.take(pacer.earliest(now)));
}

// However it is asked: in steps of any length, also after it was not asked for long.
TEST(Pacer, NeverLetsMoreBeginInAnySecond) {
    for (const int step : {1, 3, 7, 20, 21, 33, 500}) {
        Pacer pacer;
        std::deque<Time> begun;
        std::size_t total = 0;
        for (Time now{777}; now < Time{20'000}; now += Time{step}) {
            while (pacer.take(now)) {
                begun.push_back(now);
                ++total;
            }
            while (!begun.empty() && begun.front() <= now - Time{1000})
                begun.pop_front();
            ASSERT_LE(begun.size(), Pacer::kPerSecond) << step;
        }
        if (step == 1) {
            EXPECT_GT(total, Pacer::kPerSecond * 19 - 10); // and lets so many
        }
    }
}

} // namespace
} // namespace rtspproxy::backend::tests
