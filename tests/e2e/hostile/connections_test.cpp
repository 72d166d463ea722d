// Connections that are many, or that nobody is behind any more.
#include "tests/e2e/hostile/hostile_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

namespace rtspproxy::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class HostileCrowd : public HostileTest {
  protected:
    HostileCrowd()
        : HostileTest({"--max-connections-per-address", "40", "--request-timeout", "3"}) {}
};

TEST_F(HostileCrowd, HalfRequestsOfOneAddressAreBoundedAndEnd) {
    std::vector<Fd> halves;
    for (int i = 0; i < 300; ++i) {
        halves.push_back(connect());
        (void)send(halves.back(), "OPTIONS " + proxy_->url() + " RTSP/1.0\r\nCSe");
    }
    EXPECT_TRUE(eventually([&] { return front_end().at("refused") > 200; })) << front_end();
    EXPECT_LE(front_end().at("connections"), 40);
    EXPECT_THAT(proxy_->process().err(), HasSubstr("too many connections"));
    expect_bystanders_unharmed();
    // Those that are in have sent nothing whole, and go for one that does.
    ASSERT_TRUE(eventually([&] {
        const auto response = rtsp_request("OPTIONS", proxy_->url());
        return response && response->status == 200;
    }));
    EXPECT_TRUE(eventually([&] { return front_end().at("connections") <= 4; })) << front_end();
    EXPECT_GT(front_end().at("timed_out"), 0);
    EXPECT_LT(proxy_descriptors(), 80U);
}

TEST_F(HostileCrowd, ClientsThatPlayKeepTheirPlaces) {
    std::list<RtspPlayer> players;
    for (int i = 0; i < 38; ++i) {
        auto& player = players.emplace_back(proxy_->url());
        const auto played = player.play();
        ASSERT_TRUE(played) << i << ": " << played.error().message;
    }
    for (int i = 0; i < 50; ++i) {
        const auto response = rtsp_request("OPTIONS", proxy_->url());
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 503);
    }
    for (auto& player : players)
        EXPECT_TRUE(player.connected());
    expect_bystanders_unharmed();
    players.clear();
    EXPECT_TRUE(proxy_->wait_ready());
}

// Sessions time out after a minute; the connection follows. A player over UDP that says something
// now and then stays.
class VanishedClients : public HostileTest {
  protected:
    VanishedClients() : HostileTest({}, 150s) {}

    [[nodiscard]] RtspConnection set_up(PlayerTransport transport, std::string& session) {
        auto connection = RtspConnection::connect(proxy_->url());
        EXPECT_TRUE(connection);
        const auto described = connection->request("DESCRIBE", proxy_->url());
        EXPECT_TRUE(described && described->status == 200);
        const auto response = connection->request(
            "SETUP", proxy_->url() + "/stream=0",
            {transport == PlayerTransport::Udp ? "Transport: RTP/AVP;unicast;client_port=9-10"
                                               : "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
        EXPECT_TRUE(response && response->status == 200);
        if (response)
            session = response->header("session").substr(0, response->header("session").find(';'));
        return std::move(*connection);
    }
};

TEST_F(VanishedClients, AreDisconnected) {
    const auto before = proxy_descriptors();
    std::vector<RtspConnection> silent;
    std::string session;
    for (int i = 0; i < 10; ++i) {
        silent.push_back(set_up(PlayerTransport::Udp, session));
        if (i % 2 == 0) {
            const auto played =
                silent.back().request("PLAY", proxy_->url(), {"Session: " + session});
            EXPECT_TRUE(played && played->status == 200);
        }
        silent.push_back(set_up(PlayerTransport::Tcp, session));
    }
    RtspConnection alive = set_up(PlayerTransport::Udp, session);
    EXPECT_GE(proxy_descriptors(), before + 21);
    Clock::time_point next;
    EXPECT_TRUE(eventually(
        [&] {
            if (Clock::now() < next)
                return false;
            next = Clock::now() + 5s;
            const auto kept =
                alive.request("GET_PARAMETER", proxy_->url(), {"Session: " + session});
            EXPECT_TRUE(kept && kept->status == 200);
            return front_end().at("connections") <= 3;
        },
        110s));
    EXPECT_LE(proxy_descriptors(), before + 4);
    const auto kept = alive.request("GET_PARAMETER", proxy_->url(), {"Session: " + session});
    EXPECT_TRUE(kept && kept->status == 200);
}

} // namespace
} // namespace rtspproxy::tests
