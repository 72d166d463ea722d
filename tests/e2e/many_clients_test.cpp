// However many watch, the back end is pulled once, and only while somebody watches.
#include "tests/e2e/proxy.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace rtspproxy::tests {
namespace {

class ManyClients : public WatchedTest {
  protected:
    ManyClients() { server_.mount("/live", launch_line(private_track(0))); }

    // Number `index` of a crowd: by TCP and UDP, and by every way of naming the mount.
    static std::unique_ptr<RtspPlayer> make_player(const Proxy& proxy, int index) {
        const auto transport = index % 2 == 0 ? PlayerTransport::Tcp : PlayerTransport::Udp;
        const std::string plain = proxy.url();
        switch (index / 2 % 4) {
        case 1:
            return std::make_unique<RtspPlayer>(plain + "?x=" + std::to_string(index), transport);
        case 2:
            return std::make_unique<RtspPlayer>(proxy.url("proxyStream", "localhost"), transport);
        case 3: // as through a port that is forwarded
            return std::make_unique<RtspPlayer>(plain, transport,
                                                "rtsp://proxy.example:8000/proxyStream");
        default:
            return std::make_unique<RtspPlayer>(plain, transport);
        }
    }

    void expect_one_run(RtspPlayer& player, int index) {
        ASSERT_TRUE(player.wait_packets(40)) << "client " << index;
        const auto difference = find_difference(server_.sent("/live"), player.packets());
        EXPECT_FALSE(difference) << "client " << index << ": " << *difference;
    }

    TestServer server_;
};

TEST_F(ManyClients, AreOneSessionOfTheBackEnd) {
    constexpr int kClients = 50;
    Proxy proxy({"--idle-timeout", "60", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    std::vector<std::unique_ptr<RtspPlayer>> players;
    for (int index = 0; index < kClients; ++index) {
        players.push_back(make_player(proxy, index));
        const auto played = players.back()->play();
        ASSERT_TRUE(played) << "client " << index << ": " << played.error().message;
        // Some leave while others come: politely, or not.
        if (index % 10 == 5) {
            EXPECT_TRUE(players[static_cast<std::size_t>(index) - 5]->teardown().has_value());
        }
        if (index % 10 == 9)
            players[static_cast<std::size_t>(index) - 5]->disconnect();
    }
    for (int index = 0; index < kClients; ++index)
        if (index % 10 != 0 && index % 10 != 4)
            expect_one_run(*players[static_cast<std::size_t>(index)], index);
    const auto counts = server_.counts();
    EXPECT_EQ(counts.sessions_ever, 1);
    EXPECT_EQ(counts.methods.at("PLAY"), 1);
    EXPECT_EQ(counts.methods.at("SETUP"), 1);
    EXPECT_EQ(server_.sessions_now(), 1U);
}

TEST_F(ManyClients, AreServedAgainAfterAllHaveLeft) {
    Proxy proxy({"--idle-timeout", "1", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    for (int round = 1; round <= 3; ++round) {
        RtspPlayer player(proxy.url());
        const auto played = player.play();
        ASSERT_TRUE(played) << "round " << round << ": " << played.error().message;
        expect_one_run(player, round);
        EXPECT_TRUE(player.teardown().has_value());
        EXPECT_TRUE(eventually([&] { return server_.sessions_now() == 0; })) << "round " << round;
    }
}

TEST_F(ManyClients, ThatLeaveWithoutAWordAreNoticed) {
    Proxy proxy({"--idle-timeout", "1", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer tcp(proxy.url(), PlayerTransport::Tcp);
    ASSERT_TRUE(tcp.play().has_value());
    expect_one_run(tcp, 0);
    tcp.disconnect();
    EXPECT_TRUE(eventually([&] { return server_.sessions_now() == 0; }));
}

class OnDemand : public ManyClients {};

TEST_F(OnDemand, ABackEndPlaysOnlyWhileSomebodyWatches) {
    Proxy proxy({"--idle-timeout", "1", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    // The SDP is known, nobody has come.
    EXPECT_TRUE(throughout([&] { return server_.count("PLAY") == 0; }, 2s));
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    expect_one_run(player, 0);
    EXPECT_EQ(server_.count("PLAY"), 1);
    EXPECT_TRUE(throughout([&] { return server_.sessions_now() == 1; }, 2s));
    EXPECT_TRUE(player.teardown().has_value());
    EXPECT_TRUE(eventually([&] { return server_.sessions_now() == 0; }));
    EXPECT_EQ(server_.count("TEARDOWN"), 1);
    EXPECT_TRUE(throughout([&] { return server_.count("PLAY") == 1; }, 2s));
}

TEST_F(OnDemand, ABackEndStaysForTheIdleTimeout) {
    Proxy proxy({"--idle-timeout", "60", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    for (int round = 0; round < 3; ++round) {
        RtspPlayer player(proxy.url());
        ASSERT_TRUE(player.play().has_value());
        expect_one_run(player, round);
        EXPECT_TRUE(player.teardown().has_value());
    }
    EXPECT_EQ(server_.counts().sessions_ever, 1);
    EXPECT_EQ(server_.sessions_now(), 1U);
}

TEST_F(OnDemand, ABackEndStopsAtOnceWithoutIdleTimeout) {
    Proxy proxy({"--idle-timeout", "0", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    for (int round = 0; round < 3; ++round) {
        RtspPlayer player(proxy.url());
        ASSERT_TRUE(player.play().has_value());
        expect_one_run(player, round);
        EXPECT_TRUE(player.teardown().has_value());
        EXPECT_TRUE(eventually([&] { return server_.sessions_now() == 0; })) << "round " << round;
    }
}

TEST_F(OnDemand, ABackEndAlwaysPlaysIfAsked) {
    Proxy proxy({"--always-on", "--idle-timeout", "1", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_announced());
    ASSERT_TRUE(eventually([&] { return server_.count("PLAY") == 1; })) << "nobody has come yet";
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    expect_one_run(player, 0);
    EXPECT_TRUE(player.teardown().has_value());
    EXPECT_TRUE(throughout([&] { return server_.sessions_now() == 1; }, 3s));
    EXPECT_EQ(server_.counts().sessions_ever, 1);
}

// Each DESCRIBE prepares something; none of it may be left behind or get in the way.
TEST_F(OnDemand, DescribesThatLeadToNothingDoNoHarm) {
    Proxy proxy({"--idle-timeout", "1", server_.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    for (int round = 0; round < 100; ++round) {
        const auto response = rtsp_request("DESCRIBE", proxy.url());
        ASSERT_TRUE(response) << "round " << round << ": " << response.error().message;
        ASSERT_EQ(response->status, 200) << "round " << round;
    }
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    expect_one_run(player, 0);
}

} // namespace
} // namespace rtspproxy::tests
