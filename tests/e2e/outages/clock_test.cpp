// --clock: whose time the sender reports have that viewers get.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

constexpr double kTolerance = 50; // milliseconds, of a machine that has other things to do

class CameraClock : public OutageTest, public ::testing::WithParamInterface<Ingest> {
  protected:
    // How far ahead of the real time the reports are that come from now on; all of them.
    void expect_offset(double milliseconds) {
        ASSERT_TRUE(
            eventually([this] { return viewers_->stats().contains("report_offset_ms"); }, 30s))
            << viewers_->stats().dump();
        const auto offset = viewers_->stats().at("report_offset_ms");
        EXPECT_NEAR(offset.at("min").get<double>(), milliseconds, kTolerance);
        EXPECT_NEAR(offset.at("max").get<double>(), milliseconds, kTolerance);
    }
};

INSTANTIATE_TEST_SUITE_P(Ingest, CameraClock, ::testing::Values(Ingest::Tcp, Ingest::Udp),
                         ::testing::PrintToStringParamName());

TEST_P(CameraClock, IsWhatViewersAreTold) {
    camera_.tell("skew 1000");
    start_proxy(GetParam());
    start_viewers({}, 6);
    camera_.tell("report");
    expect_offset(1'000'000); // from the very first report on
    camera_.tell("skew -500");
    camera_.tell("report");
    std::this_thread::sleep_for(1500ms);
    viewers_->tell("reset");
    expect_offset(-500'000);
    viewers_->expect_unharmed();
}

TEST_P(CameraClock, IsForgottenWhenTheCameraIsLost) {
    camera_.tell("skew 1000");
    start_proxy(GetParam());
    start_viewers({}, 6);
    camera_.tell("report");
    expect_offset(1'000'000);
    camera_.kill();
    ASSERT_TRUE(wait_lost(1));
    std::this_thread::sleep_for(500ms);
    viewers_->tell("reset");
    camera_.start();
    camera_.tell("skew 2000");
    ASSERT_TRUE(viewers_->wait_fed_again(30s)) << viewers_->stats().dump();
    camera_.tell("report");
    expect_offset(2'000'000); // no report was by the time of the other one
}

TEST_P(CameraClock, IsTheProxysIfAsked) {
    camera_.tell("skew 1000");
    start_proxy(GetParam(), {"--clock", "proxy"});
    start_viewers({}, 6);
    camera_.tell("report");
    expect_offset(0);
}

} // namespace
} // namespace rtspproxy::tests
