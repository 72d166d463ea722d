// Many that register at once, and many that only connect.
#include "tests/e2e/proxy.hpp"
#include "tests/e2e/registration/flood.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <list>

namespace rtspproxy::tests {
namespace {

class RegisteredCrowd : public WatchedTest {
  protected:
    RegisteredCrowd() { server_.mount("/live", launch_line(private_track(0))); }

    static std::string request(const std::string& method, const std::string& url,
                               const std::string& suffix) {
        return method + " " + url +
               " RTSP/1.0\r\nCSeq: 2\r\nTransport: proxy_url_suffix=" + suffix + "\r\n\r\n";
    }
    // Each on a connection of its own, all of which are open before the first one speaks. The
    // statuses of the answers.
    std::vector<int> at_once(const Proxy& proxy, const std::string& method,
                             const std::vector<std::string>& suffixes) {
        std::list<RtspConnection> connections;
        for (std::size_t i = 0; i < suffixes.size(); ++i)
            if (auto connected = RtspConnection::connect(proxy.url()))
                connections.push_back(std::move(*connected));
        EXPECT_EQ(connections.size(), suffixes.size());
        auto connection = connections.begin();
        for (const auto& suffix : suffixes) {
            const auto sent = (connection++)->send(request(method, server_.url("/live"), suffix));
            EXPECT_TRUE(sent.has_value());
        }
        std::vector<int> statuses;
        for (auto& each : connections) {
            const auto message = each.receive(kPatience);
            const auto* response = message ? std::get_if<RtspResponse>(&*message) : nullptr;
            statuses.push_back(response != nullptr ? response->status : 0);
        }
        return statuses;
    }
    // Once it has had so many packets.
    void expect_unbroken(RtspPlayer& player, const std::string& name, std::size_t packets = 20) {
        ASSERT_TRUE(player.wait_packets(packets)) << name;
        EXPECT_TRUE(player.connected()) << name;
        const auto difference = find_difference(server_.sent("/live"), player.packets());
        EXPECT_FALSE(difference) << name << ": " << *difference;
    }
    void expect_playable(const Proxy& proxy, const std::string& mount, PlayerTransport transport) {
        RtspPlayer player(proxy.url(mount), transport);
        const auto played = player.play();
        ASSERT_TRUE(played) << mount << ": " << played.error().message;
        expect_unbroken(player, mount);
        EXPECT_TRUE(player.teardown().has_value()) << mount;
    }

    TestServer server_;
};

TEST_F(RegisteredCrowd, FiftyDevicesAtOnce) {
    constexpr std::size_t kDevices = 50;
    Proxy proxy({"--register", "--tcp"});
    ASSERT_TRUE(proxy.wait_listening());
    std::vector<std::string> suffixes;
    for (std::size_t i = 0; i < kDevices; ++i)
        suffixes.push_back("device-" + std::to_string(i));
    EXPECT_EQ(at_once(proxy, "REGISTER", suffixes), std::vector<int>(kDevices, 200));
    ASSERT_TRUE(proxy.wait_announced(kDevices));
    EXPECT_EQ(play_lines(proxy.process().out()).size(), kDevices);
    std::list<RtspPlayer> players;
    for (const auto& suffix : suffixes) {
        ASSERT_TRUE(proxy.wait_ready(suffix)) << suffix;
        auto& player =
            players.emplace_back(proxy.url(suffix), players.size() % 2 == 0 ? PlayerTransport::Tcp
                                                                            : PlayerTransport::Udp);
        const auto played = player.play();
        ASSERT_TRUE(played) << suffix << ": " << played.error().message;
    }
    for (auto& player : players)
        expect_unbroken(player, "one of fifty");
    EXPECT_EQ(at_once(proxy, "DEREGISTER", suffixes), std::vector<int>(kDevices, 200));
    for (auto& player : players)
        EXPECT_TRUE(eventually([&] { return !player.connected(); }));
    EXPECT_TRUE(proxy.wait_status(404, suffixes.back()));
}

TEST_F(RegisteredCrowd, ThatOnlyConnectsDisturbsNobody) {
    Proxy proxy({"--register", "--tcp"});
    ASSERT_TRUE(proxy.wait_listening());
    const std::vector<int> ok{200};
    ASSERT_EQ(at_once(proxy, "REGISTER", {"before"}), ok);
    ASSERT_TRUE(proxy.wait_ready("before"));
    RtspPlayer tcp(proxy.url("before"), PlayerTransport::Tcp);
    RtspPlayer udp(proxy.url("before"), PlayerTransport::Udp);
    ASSERT_TRUE(tcp.play().has_value());
    // Until they flow, gst-rtsp-server may answer 503 to the next PLAY of the same media.
    ASSERT_TRUE(tcp.wait_packets(10));
    ASSERT_TRUE(udp.play().has_value());
    ASSERT_TRUE(udp.wait_packets(10));

    const Flood flood(proxy.port());
    ASSERT_TRUE(flood.wait_more(1000)); // by default 512 may wait
    EXPECT_EQ(at_once(proxy, "REGISTER", {"during"}), ok);
    ASSERT_TRUE(proxy.wait_ready("during"));
    expect_playable(proxy, "during", PlayerTransport::Tcp);
    expect_playable(proxy, "during", PlayerTransport::Udp);
    EXPECT_EQ(at_once(proxy, "DEREGISTER", {"during"}), ok);
    EXPECT_TRUE(proxy.wait_status(404, "during"));
    EXPECT_TRUE(flood.wait_more(1000));
    expect_unbroken(tcp, "tcp", tcp.count() + 20);
    expect_unbroken(udp, "udp", udp.count() + 20);
}

} // namespace
} // namespace rtspproxy::tests
