// The proxy is asked to end: it tells the viewers and the camera, and does not wait for the dead.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace rtspproxy::tests {
namespace {

enum class CameraState { Running, Frozen, Blackholed };

const char* to_string(CameraState state) {
    switch (state) {
    case CameraState::Running:
        return "running";
    case CameraState::Frozen:
        return "frozen";
    case CameraState::Blackholed:
        break;
    }
    return "blackholed";
}

using Case = std::tuple<int, CameraState, Ingest>; // the signal first

class Leaving : public OutageTest, public ::testing::WithParamInterface<Case> {};

TEST_P(Leaving, TellsEverybody) {
    const auto [signal, state, ingest] = GetParam();
    start_proxy(ingest);
    start_viewers();
    const int tracks = 2;
    if (state == CameraState::Frozen)
        camera_.freeze();
    if (state == CameraState::Blackholed)
        camera_.tell("blackhole");
    proxy_->process().send_signal(signal);
    EXPECT_EQ(proxy_->process().wait_exit(2s), 0);
    ASSERT_TRUE(eventually([&] {
        return viewers_->stats().at("disconnects") == viewers_->clients();
    })) << viewers_->stats().dump();
    const auto seen = viewers_->stats();
    EXPECT_EQ(seen.at("byes"), tracks * viewers_->clients()) << seen.dump();
    EXPECT_EQ(seen.at("ended"), (nlohmann::json{{"closed by the server", viewers_->clients()}}));
    camera_.thaw();
    EXPECT_TRUE(camera_.wait_requests("TEARDOWN", 1));
    EXPECT_TRUE(eventually([&] { return camera_.stats().at("connections") == 0; }));
}

std::string name_of(const ::testing::TestParamInfo<Case>& test) {
    const auto [signal, state, ingest] = test.param;
    return std::string(signal == SIGTERM ? "SIGTERM_" : "SIGINT_") + to_string(state) + "_" +
           rtspproxy::tests::to_string(ingest);
}

INSTANTIATE_TEST_SUITE_P(Cases, Leaving,
                         ::testing::Values(Case{SIGTERM, CameraState::Running, Ingest::Tcp},
                                           Case{SIGINT, CameraState::Running, Ingest::Udp},
                                           Case{SIGTERM, CameraState::Frozen, Ingest::Tcp},
                                           Case{SIGINT, CameraState::Frozen, Ingest::Udp},
                                           Case{SIGINT, CameraState::Blackholed, Ingest::Tcp},
                                           Case{SIGTERM, CameraState::Blackholed, Ingest::Udp}),
                         name_of);

// While there is nothing to tell: it tries to connect.
TEST_F(OutageTest, LeavesWhileTheCameraIsLost) {
    start_proxy(Ingest::Tcp);
    start_viewers();
    camera_.freeze();
    ASSERT_TRUE(wait_lost(2));
    proxy_->process().send_signal(SIGTERM);
    EXPECT_EQ(proxy_->process().wait_exit(2s), 0);
    EXPECT_TRUE(eventually([&] {
        return viewers_->stats().at("disconnects") == viewers_->clients();
    })) << viewers_->stats().dump();
    camera_.thaw();
}

} // namespace
} // namespace rtspproxy::tests
