#include "app/backend/tap/burst_estimate.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

TEST(BurstEstimate, KnowsNothingAtFirst) {
    BurstEstimate estimate;
    EXPECT_EQ(estimate.expected(), 0U);
    estimate.add(1000, true);
    EXPECT_EQ(estimate.expected(), 0U); // may be a key frame
    estimate.add(900, true);
    EXPECT_EQ(estimate.expected(), 900U);
}

TEST(BurstEstimate, ABurstMayComeInParts) {
    BurstEstimate estimate;
    for (int i = 0; i < 2; ++i) {
        estimate.add(1000, false);
        estimate.add(500, true);
    }
    EXPECT_EQ(estimate.expected(), 1500U);
}

TEST(BurstEstimate, IsNotThatOfKeyFramesNorOfSound) {
    BurstEstimate estimate;
    for (int picture = 0; picture < 100; ++picture) {
        estimate.add(picture % 25 == 0 ? 90'000 : 10'000, true);
        for (int i = 0; i < 4; ++i)
            estimate.add(200, true);
        if (picture > 1) {
            EXPECT_EQ(estimate.expected(), 10'000U) << picture;
        }
    }
}

TEST(BurstEstimate, FollowsABackEnd) {
    BurstEstimate estimate;
    for (int i = 0; i < 20; ++i)
        estimate.add(50'000, true);
    EXPECT_EQ(estimate.expected(), 50'000U);
    for (int i = 0; i < 16; ++i)
        estimate.add(3000, true);
    EXPECT_EQ(estimate.expected(), 3000U);
}

} // namespace
} // namespace rtspproxy::backend::tests
