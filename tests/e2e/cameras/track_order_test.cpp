// Cameras that swap their m= sections from one DESCRIBE to the next.
#include "tests/e2e/proxy.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace rtspproxy::tests {
namespace {

class TrackOrder : public WatchedTest, public ::testing::WithParamInterface<PlayerTransport> {};

std::set<std::uint8_t> payload_types(const std::vector<RtpRecord>& packets) {
    std::set<std::uint8_t> types;
    for (const RtpRecord& packet : packets)
        types.insert(packet.payload_type);
    return types;
}

TEST_P(TrackOrder, MayChangeUnderViewers) {
    auto server = std::make_unique<TestServer>();
    const auto port = server->port();
    server->mount("/live", launch_line(private_track(0), pcmu_track(1)));
    std::vector<std::string> arguments{server->url("/live")};
    if (GetParam() == PlayerTransport::Tcp)
        arguments.insert(arguments.begin(), "-t");
    Proxy proxy(arguments);
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(30, 0) && player.wait_packets(30, 1)) << proxy.report();
    const auto first = payload_types(player.packets(0));
    const auto second = payload_types(player.packets(1));
    ASSERT_NE(first, second);

    server.reset();
    server = std::make_unique<TestServer>(ServerOptions{.port = port});
    server->mount("/live", launch_line(pcmu_track(0), private_track(1)));
    ASSERT_TRUE(eventually([&] { return server->count("PLAY") > 0; })) << proxy.report();
    for (const std::size_t track : {0U, 1U})
        EXPECT_TRUE(player.wait_packets(player.count(track) + 30, track)) << proxy.report();
    EXPECT_TRUE(player.connected());
    EXPECT_EQ(payload_types(player.packets(0)), first);
    EXPECT_EQ(payload_types(player.packets(1)), second);
}

INSTANTIATE_TEST_SUITE_P(, TrackOrder,
                         ::testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp),
                         ::testing::PrintToStringParamName());

} // namespace
} // namespace rtspproxy::tests
