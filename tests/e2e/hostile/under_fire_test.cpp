// Clients are closed while they send requests: each in its own thread, so that nothing of it
// concerns anybody else.
#include "tests/e2e/hostile/bystanders.hpp"
#include "tests/e2e/hostile/crossfire.hpp"
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <list>

namespace rtspproxy::tests {
namespace {

constexpr int kClients = 16;

class UnderFire : public OutageTest {
  protected:
    explicit UnderFire(std::vector<std::string> camera = {"--audio"})
        : OutageTest(std::move(camera)) {}

    void start(const std::vector<std::string>& arguments = {}) {
        start_proxy(Ingest::Tcp, arguments);
        start_viewers({}, 4);
    }
    // What a device says of the camera behind /victim; the status of the answer.
    int say(const std::string& method) {
        auto connection = RtspConnection::connect(proxy_->url());
        if (!connection)
            return 0;
        const auto response =
            connection->request(method, camera_.url(), {"Transport: proxy_url_suffix=victim"});
        return response ? response->status : 0;
    }
    // GLib and GStreamer say so when somebody touches what is not theirs.
    void expect_no_criticals() {
        const std::string err = proxy_->process().err();
        for (const char* word : {"CRITICAL", "WARNING **", "assertion"})
            EXPECT_EQ(err.find(word), std::string::npos) << err.substr(0, 4000);
        EXPECT_LT(err.size(), 1U << 20U);
    }
    void expect_served(const std::string& mount = "proxyStream") {
        for (int i = 0; i < 10; ++i) {
            const auto response = rtsp_request("DESCRIBE", proxy_->url(mount));
            ASSERT_TRUE(response) << response.error().message;
            EXPECT_EQ(response->status, 200);
        }
    }
};

TEST_F(UnderFire, AMountLeavesAndComesBack) {
    start({"--register"});
    for (int round = 0; round < 3; ++round) {
        SCOPED_TRACE(round);
        ASSERT_EQ(say("REGISTER"), 200);
        ASSERT_TRUE(proxy_->wait_ready("victim"));
        const Crossfire fire(proxy_->url("victim"), kClients);
        ASSERT_TRUE(fire.wait_more(500));
        EXPECT_GE(fire.played(), kClients);
        ASSERT_EQ(say("DEREGISTER"), 200);
        EXPECT_TRUE(proxy_->wait_status(404, "victim"));
        expect_served();
        ASSERT_TRUE(fire.wait_more(500)) << "they are answered 404";
    }
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    expect_whole(*viewers_);
    expect_no_criticals();
}

TEST_F(UnderFire, TunnelsOfAMountThatLeaves) {
    start({"--register"});
    ASSERT_EQ(say("REGISTER"), 200);
    ASSERT_TRUE(proxy_->wait_ready("victim"));
    const Crossfire fire(proxy_->url("victim"), kClients, Crossfire::Way::Http);
    ASSERT_TRUE(fire.wait_more(500));
    EXPECT_GE(fire.played(), kClients);
    ASSERT_EQ(say("DEREGISTER"), 200);
    EXPECT_TRUE(proxy_->wait_status(404, "victim"));
    expect_served();
    ASSERT_TRUE(fire.wait_more(500));
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    expect_whole(*viewers_);
    expect_no_criticals();
}

TEST_F(UnderFire, TracksChange) {
    start();
    const Crossfire fire(proxy_->url(), kClients);
    for (const char* description : {"sdp h265", "sdp tracks"}) {
        SCOPED_TRACE(description);
        ASSERT_TRUE(fire.wait_more(500));
        const auto before = counters().at("kicked").get<int>();
        camera_.tell(description);
        camera_.tell("close");
        EXPECT_TRUE(eventually([&] { return counters().at("kicked") > before; }));
        ASSERT_TRUE(proxy_->wait_ready());
        expect_served();
    }
    expect_no_criticals();
}

class UnderFireEnds : public UnderFire, public testing::WithParamInterface<Crossfire::Way> {};

TEST_P(UnderFireEnds, InTime) {
    for (int round = 0; round < 4; ++round) {
        SCOPED_TRACE(round);
        start();
        const Crossfire fire(proxy_->url(), kClients, GetParam());
        ASSERT_TRUE(fire.wait_more(500));
        proxy_->process().send_signal(SIGTERM);
        EXPECT_EQ(proxy_->process().wait_exit(10s), 0);
        expect_no_criticals();
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, UnderFireEnds,
                         testing::Values(Crossfire::Way::Tcp, Crossfire::Way::Http),
                         [](const auto& each) {
                             return std::string(each.param == Crossfire::Way::Tcp ? "tcp" : "http");
                         });

class StuckTunnels : public UnderFire {
  protected:
    StuckTunnels() : UnderFire({"--audio", "--bitrate", "16000000"}) {}

    static constexpr int kStuck = 8;

    // Plays through a tunnel, and reads nothing from then on.
    std::optional<RtspConnection> stuck_player() {
        auto connection = RtspConnection::connect_tunnel(proxy_->url());
        if (!connection)
            return std::nullopt;
        const int small = 4096;
        setsockopt(connection->fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
        const auto set_up = connection->request("SETUP", proxy_->url() + "/stream=0",
                                                {"Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
        if (!set_up || set_up->status != 200)
            return std::nullopt;
        const auto played =
            connection->request("PLAY", proxy_->url(), {"Session: " + set_up->header("session")});
        if (!played || played->status != 200)
            return std::nullopt;
        return std::move(*connection);
    }
    // Requests that keep the player's thread at work.
    [[nodiscard]] bool ask(RtspConnection& connection) const {
        return connection.send("GET_PARAMETER " + proxy_->url() + " RTSP/1.0\r\nCSeq: 9\r\n\r\n")
            .has_value();
    }
};

TEST_F(StuckTunnels, AreClosedWhileTheyAsk) {
    start({"--max-queue-bytes", "1000000", "--stuck-timeout", "1"});
    std::list<RtspConnection> stuck;
    for (int i = 0; i < kStuck; ++i) {
        auto player = stuck_player();
        ASSERT_TRUE(player) << i;
        stuck.push_back(std::move(*player));
    }
    EXPECT_TRUE(eventually(
        [&] {
            for (RtspConnection& each : stuck)
                (void)ask(each);
            return counters().at("kicked") >= kStuck;
        },
        30s));
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == viewers_->clients(); }));
    expect_served();
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    expect_whole(*viewers_);
    expect_no_criticals();
}

} // namespace
} // namespace rtspproxy::tests
