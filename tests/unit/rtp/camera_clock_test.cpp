#include "plugins/rtp/camera_clock.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::rtp::tests {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kRate = 90'000;
constexpr std::uint32_t kCamera = 0xc0ffee;

class CameraClockTest : public ::testing::Test {
  protected:
    // A packet of the back end; the clock's mapping after it.
    std::optional<ClockMapping> packet(std::uint16_t sequence, std::uint32_t timestamp,
                                       std::uint64_t now = 0, std::uint32_t ssrc = kCamera) {
        last_ = continuity_.map({sequence, timestamp, ssrc}, now);
        const auto before = clock_.mapping();
        const bool changed = clock_.update(continuity_, kRate);
        EXPECT_EQ(changed, clock_.mapping() != before);
        return clock_.mapping();
    }
    // What the outgoing stream begins with is not what the back end's does.
    Continuity continuity_{Continuity::Start{7, 500'000, 1}};
    CameraClock clock_;
    Continuity::Fields last_; // as it left
};

TEST_F(CameraClockTest, IsUnknownWithoutAReport) {
    EXPECT_EQ(packet(1, 1000), std::nullopt);
}

TEST_F(CameraClockTest, IsInOutgoingTimestamps) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1500});
    const auto clock = packet(2, 1500);
    EXPECT_EQ(clock, (ClockMapping{42, last_.timestamp, kRate}));
    EXPECT_EQ(last_.timestamp, 500'500U);
}

// RFC 3550 §6.4.1: the NTP time 0 is a sender's without a clock.
TEST_F(CameraClockTest, AReportThatTellsNoTimeIsNone) {
    packet(1, 1000);
    clock_.report({kCamera, 0, 1500});
    EXPECT_EQ(packet(2, 1500), std::nullopt);
    clock_.report({kCamera, 42, 1500});
    clock_.report({kCamera, 0, 1600});
    EXPECT_EQ(packet(3, 1600), (ClockMapping{42, 500'500, kRate}));
}

TEST_F(CameraClockTest, TheNewestReportCounts) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1000});
    packet(2, 2000);
    clock_.report({kCamera, 43, 3000});
    EXPECT_EQ(packet(3, 3000), (ClockMapping{43, 502'000, kRate}));
}

TEST_F(CameraClockTest, AReportMayComeFirst) {
    clock_.report({kCamera, 42, 1000});
    EXPECT_EQ(packet(1, 1000), (ClockMapping{42, 500'000, kRate}));
}

TEST_F(CameraClockTest, OtherSourcesDoNotCount) {
    packet(1, 1000);
    clock_.report({kCamera + 1, 42, 1000});
    EXPECT_EQ(packet(2, 1000), std::nullopt);
}

TEST_F(CameraClockTest, IsForgottenWithTheSource) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1000});
    packet(2, 1000);
    clock_.forget();
    continuity_.resume();
    EXPECT_EQ(packet(90, 7'000'000, kSecond), std::nullopt);
    clock_.report({kCamera, 99, 7'000'000});
    const auto clock = packet(91, 7'000'000, kSecond);
    EXPECT_EQ(clock, (ClockMapping{99, last_.timestamp, kRate}));
}

TEST_F(CameraClockTest, IsForgottenWhenAnotherSourceTakesOver) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1000});
    packet(2, 1000);
    EXPECT_EQ(packet(500, 9'000'000, kSecond, 0xbeef), std::nullopt);
    clock_.report({kCamera, 43, 1000}); // a straggler
    EXPECT_EQ(packet(501, 9'000'000, kSecond, 0xbeef), std::nullopt);
    clock_.report({0xbeef, 44, 9'000'000});
    const auto clock = packet(502, 9'000'000, kSecond, 0xbeef);
    EXPECT_EQ(clock, (ClockMapping{44, last_.timestamp, kRate}));
}

TEST_F(CameraClockTest, TheReportOfTheNextSourceMayComeBeforeIt) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1000});
    packet(2, 1000);
    clock_.report({0xbeef, 44, 9'000'000});
    EXPECT_EQ(packet(3, 1000), (ClockMapping{42, 500'000, kRate})) << "still the old one";
    const auto clock = packet(500, 9'000'000, kSecond, 0xbeef);
    EXPECT_EQ(clock, (ClockMapping{44, last_.timestamp, kRate}));
}

TEST_F(CameraClockTest, IsForgottenWhenTheClockJumps) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1000});
    packet(2, 1000);
    EXPECT_EQ(packet(3, 100'000'000, kSecond), std::nullopt);
}

TEST_F(CameraClockTest, WithoutAClockRateThereIsNone) {
    packet(1, 1000);
    clock_.report({kCamera, 42, 1000});
    clock_.update(continuity_, 0);
    EXPECT_EQ(clock_.mapping(), std::nullopt);
}

} // namespace
} // namespace rtspproxy::rtp::tests
