#include "plugins/relay/key_frame_gate.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::relay {
namespace {

constexpr bool kKey = true;
constexpr bool kDelta = false;
constexpr bool kHasKeyFrames = true;
constexpr std::uint64_t kPatience = 100;

TEST(KeyFrameGateTest, IsOpenAtFirst) {
    KeyFrameGate gate(kPatience);
    EXPECT_TRUE(gate.admits(kDelta, 1));
    EXPECT_TRUE(gate.admits(kKey, 2));
}

TEST(KeyFrameGateTest, MayAwaitTheVeryFirstKeyFrame) {
    KeyFrameGate gate(kPatience);
    gate.await_first();
    EXPECT_FALSE(gate.admits(kDelta, 1000));
    EXPECT_FALSE(gate.admits(kDelta, 1000 + kPatience - 1));
    EXPECT_TRUE(gate.admits(kKey, 1000 + kPatience - 1));
    EXPECT_TRUE(gate.admits(kDelta, 1000 + kPatience - 1));
}

TEST(KeyFrameGateTest, ButNotForEver) {
    KeyFrameGate gate(kPatience);
    gate.await_first();
    EXPECT_FALSE(gate.admits(kDelta, 1000));
    EXPECT_TRUE(gate.admits(kDelta, 1000 + kPatience));
}

TEST(KeyFrameGateTest, OnceClosedItOpensWithAKeyFrame) {
    KeyFrameGate gate(kPatience);
    EXPECT_TRUE(gate.admits(kKey, 1));
    gate.close(kHasKeyFrames, 1000);
    EXPECT_FALSE(gate.admits(kDelta, 1001));
    EXPECT_FALSE(gate.admits(kDelta, 1002));
    EXPECT_TRUE(gate.admits(kKey, 1003));
    EXPECT_TRUE(gate.admits(kDelta, 1004));
}

TEST(KeyFrameGateTest, WaitsNoLongerThanItsPatienceFromTheFirstUnitOn) {
    KeyFrameGate gate(kPatience);
    EXPECT_TRUE(gate.admits(kKey, 1));
    gate.close(kHasKeyFrames, 1000);
    EXPECT_FALSE(gate.admits(kDelta, 5000)); // the wait begins here
    EXPECT_FALSE(gate.admits(kDelta, 5099));
    EXPECT_TRUE(gate.admits(kDelta, 5100));
    EXPECT_TRUE(gate.admits(kDelta, 5101));
}

TEST(KeyFrameGateTest, WithoutPatienceNothingIsHeldBack) {
    KeyFrameGate gate(0);
    EXPECT_TRUE(gate.admits(kKey, 1));
    gate.close(kHasKeyFrames, 2);
    EXPECT_TRUE(gate.admits(kDelta, 3));
}

TEST(KeyFrameGateTest, StaysOpenForCodecsWithoutKeyFrames) {
    KeyFrameGate gate(kPatience);
    EXPECT_TRUE(gate.admits(kDelta, 1));
    gate.close(!kHasKeyFrames, 2);
    EXPECT_TRUE(gate.admits(kDelta, 3));
}

// Intra refresh: watched for as long as one would wait, and no key frame came.
TEST(KeyFrameGateTest, StaysOpenForAStreamThatNeverHadOne) {
    KeyFrameGate gate(kPatience);
    EXPECT_TRUE(gate.admits(kDelta, 1));
    EXPECT_TRUE(gate.admits(kDelta, 101));
    gate.close(kHasKeyFrames, 101);
    EXPECT_TRUE(gate.admits(kDelta, 102));
}

TEST(KeyFrameGateTest, ClosesForAStreamThatHadNoneYet) {
    KeyFrameGate gate(kPatience);
    EXPECT_TRUE(gate.admits(kDelta, 1));
    gate.close(kHasKeyFrames, 50);
    EXPECT_FALSE(gate.admits(kDelta, 60));
}

} // namespace
} // namespace rtspproxy::relay
