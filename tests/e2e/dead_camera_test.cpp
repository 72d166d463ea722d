// Nobody waits for a camera that does not answer.
#include "tests/e2e/proxy.hpp"
#include "tests/support/black_hole.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <list>

namespace rtspproxy::tests {
namespace {

class DeadCamera : public WatchedTest {
  protected:
    DeadCamera() { server_.mount("/live", launch_line(private_track(0))); }

    static void expect_unavailable(const Proxy& proxy, const std::string& mount) {
        const auto response = rtsp_request("DESCRIBE", proxy.url(mount));
        ASSERT_TRUE(response) << mount << ": " << response.error().message;
        EXPECT_EQ(response->status, 503) << mount;
        EXPECT_FALSE(response->reason.empty()) << mount;
    }

    TestServer server_;
};

TEST_F(DeadCamera, DoesNotHoldUpTheOthers) {
    std::list<BlackHole> holes;
    // That nobody is held up for as long as a connection attempt takes shows without a clock: it
    // takes longer than any request here waits.
    std::vector<std::string> arguments{"--connect-timeout", "600"};
    for (int index = 0; index < 10; ++index) {
        holes.emplace_back(index % 2 == 0 ? BlackHole::Kind::Mute : BlackHole::Kind::Deaf);
        arguments.push_back("dead" + std::to_string(index) + "=" + holes.back().url());
    }
    arguments.push_back("alive=" + server_.url("/live"));
    Proxy proxy(arguments);
    ASSERT_TRUE(proxy.wait_announced(11));
    ASSERT_TRUE(proxy.wait_ready("alive"));
    for (int round = 0; round < 3; ++round) {
        for (int index = 0; index < 10; ++index)
            expect_unavailable(proxy, "dead" + std::to_string(index));
        const auto alive = rtsp_request("DESCRIBE", proxy.url("alive"));
        ASSERT_TRUE(alive) << alive.error().message;
        EXPECT_EQ(alive->status, 200);
        const auto unknown = rtsp_request("DESCRIBE", proxy.url("nowhere"));
        ASSERT_TRUE(unknown) << unknown.error().message;
        EXPECT_EQ(unknown->status, 404);
    }
    RtspPlayer player(proxy.url("alive"));
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    ASSERT_TRUE(player.wait_packets(60));
    const auto difference = find_difference(server_.sent("/live"), player.packets());
    EXPECT_FALSE(difference) << *difference;
    EXPECT_EQ(proxy.end(), 0) << "with ten cameras that never answer";
}

TEST_F(DeadCamera, IsSaidToBeAbsentIfItRefuses) {
    Proxy proxy({"rtsp://127.0.0.1:" + std::to_string(free_port()) + "/live"});
    ASSERT_TRUE(proxy.wait_announced());
    EXPECT_TRUE(proxy.process().wait_err("cannot connect"));
    expect_unavailable(proxy, "proxyStream");
}

TEST_F(DeadCamera, IsSaidToHaveNoSuchStream) {
    Proxy proxy({server_.url("/other")});
    ASSERT_TRUE(proxy.wait_announced());
    EXPECT_TRUE(proxy.process().wait_err("404"));
    expect_unavailable(proxy, "proxyStream");
}

TEST_F(DeadCamera, IsServedOnceItComes) {
    const auto port = free_port();
    Proxy proxy({"rtsp://127.0.0.1:" + std::to_string(port) + "/live"});
    ASSERT_TRUE(proxy.wait_status(503));
    ServerOptions options;
    options.port = port;
    TestServer late(options);
    late.mount("/live", launch_line(private_track(0)));
    ASSERT_TRUE(proxy.wait_ready("proxyStream", 30s));
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    EXPECT_TRUE(player.wait_packets(30));
}

} // namespace
} // namespace rtspproxy::tests
