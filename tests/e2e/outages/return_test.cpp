// A camera that was away is found again by probes, which cost it next to nothing.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/black_hole.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace rtspproxy::tests {
namespace {

class CameraReturn : public OutageTest, public ::testing::WithParamInterface<Ingest> {};

TEST_P(CameraReturn, IsFoundByAProbe) {
    start_proxy(GetParam());
    start_viewers();
    camera_.kill();
    ASSERT_TRUE(wait_lost(2)); // the first try is in vain
    const auto dark = counters();
    EXPECT_TRUE(eventually([&] { return counters().at("probes") > 5; }));
    const auto later = counters();
    EXPECT_EQ(later.at("state"), "lost");
    EXPECT_EQ(later.at("attempts"), dark.at("attempts")) << "it was asked though it is not there";
    camera_.start();
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    EXPECT_EQ(counters().at("attempts"), dark.at("attempts").get<int>() + 1);
    viewers_->expect_unharmed();
}

INSTANTIATE_TEST_SUITE_P(Ingest, CameraReturn, ::testing::Values(Ingest::Tcp, Ingest::Udp),
                         [](const auto& test) { return std::string(to_string(test.param)); });

using DarkCamera = OutageTest;

// Nobody watches, and it was never there. By its name, so that it must be looked up.
TEST_F(DarkCamera, IsServedSoonAfterItComes) {
    camera_.kill();
    const std::string url = camera_.url();
    proxy_.emplace(std::vector<std::string>{"rtsp://localhost" +
                                            url.substr(std::string("rtsp://127.0.0.1").size())});
    ASSERT_TRUE(proxy_->wait_status(503));
    EXPECT_TRUE(eventually([&] { return counters().at("probes") > 3; }));
    EXPECT_EQ(counters().at("attempts"), 1);
    camera_.start();
    ASSERT_TRUE(proxy_->wait_ready());
    EXPECT_EQ(counters().at("attempts"), 2);
}

// Its SYNs vanish: an attempt would wait for the answer to one of them, which is never sent again.
TEST_F(DarkCamera, IsProbedAlsoIfItDoesNotRefuse) {
    const BlackHole hole(BlackHole::Kind::Deaf);
    proxy_.emplace(std::vector<std::string>{"--connect-timeout", "1", hole.url()});
    ASSERT_TRUE(proxy_->wait_status(503));
    EXPECT_TRUE(eventually([&] { return counters().at("probes") > 3; }));
    EXPECT_EQ(counters().at("attempts"), 1);
}

// Nobody watches a camera that is known: it is left alone.
TEST_F(DarkCamera, IsLeftAloneIfNobodyWatches) {
    start_proxy(Ingest::Tcp, {"--idle-timeout", "0"});
    start_viewers();
    camera_.kill();
    ASSERT_TRUE(wait_lost(2));
    viewers_.reset();
    EXPECT_TRUE(eventually([&] { return counters().at("state") == "idle"; }));
    const auto probes = counters().at("probes");
    std::this_thread::sleep_for(2s);
    EXPECT_EQ(counters().at("probes"), probes);
}

// Counts the connections that it accepts and closes at once.
class ClosingCamera {
  public:
    ClosingCamera() {
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                pollfd polled{listening_.get(), POLLIN, 0};
                if (::poll(&polled, 1, 50) != 1)
                    continue;
                const Fd accepted(::accept(listening_.get(), nullptr, nullptr));
                ++connections_;
            }
        });
    }
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] std::string url() const {
        return "rtsp://127.0.0.1:" + std::to_string(local_port(listening_)) + "/live";
    }

  private:
    const Fd listening_ = *listen_tcp("127.0.0.1", 0, 16);
    std::atomic<int> connections_{0};
    std::jthread thread_;
};

// The same with TLS and through a tunnel, where "cannot connect" means something else.
class ClosingCameraOf : public WatchedTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ClosingCameraOf, IsAskedLessAndLessOften) {
    ClosingCamera camera;
    std::vector<std::string> arguments{GetParam() +
                                       camera.url().substr(std::string("rtsp").size())};
    Proxy proxy(arguments);
    ASSERT_TRUE(proxy.wait_status(503));
    std::this_thread::sleep_for(9s);
    // At 0, 0.5, 1.5, 3.5 and 7.5 s, with pauses that may be a bit shorter.
    EXPECT_GE(camera.connections(), 2);
    EXPECT_LE(camera.connections(), 5);
}

INSTANTIATE_TEST_SUITE_P(Scheme, ClosingCameraOf,
                         ::testing::Values("rtsp", "rtsps", "rtsph", "rtspt"),
                         [](const auto& test) { return std::string(test.param); });

} // namespace
} // namespace rtspproxy::tests
