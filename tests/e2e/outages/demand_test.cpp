// When a camera is asked for its stream, and what clients get who come at a bad time.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/rtsp_connection.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

constexpr int kCycles = 200;

class Demand : public OutageTest {
  protected:
    [[nodiscard]] int sessions() { return camera_.stats().at("sessions").get<int>(); }

    // DESCRIBE, SETUP, PLAY, TEARDOWN of the first track, on one connection.
    static void play_and_leave(const std::string& url) {
        auto connection = RtspConnection::connect(url);
        ASSERT_TRUE(connection) << connection.error().message;
        const auto ask = [&](const std::string& method, const std::string& target,
                             const RtspConnection::Headers& headers) {
            const auto response = connection->request(method, target, headers);
            EXPECT_TRUE(response) << response.error().message;
            const int status = response ? response->status : 0;
            EXPECT_EQ(status, 200) << method;
            return response ? response->header("session") : std::string();
        };
        ask("DESCRIBE", url, {});
        auto session =
            ask("SETUP", url + "/stream=0", {"Transport: RTP/AVP/TCP;unicast;interleaved=0-1"});
        session = "Session: " + session.substr(0, session.find(';'));
        ask("PLAY", url, {session});
        ask("TEARDOWN", url, {session});
    }
};

TEST_F(Demand, CameraThatIsDownAtFirst) {
    camera_.kill();
    start_proxy(Ingest::Tcp);
    ASSERT_TRUE(proxy_->wait_status(503));
    camera_.start();
    start_viewers();
    viewers_->expect_unharmed();
}

TEST_F(Demand, DescribesInARow) {
    start_proxy(Ingest::Tcp);
    ASSERT_TRUE(proxy_->wait_ready());
    for (int cycle = 0; cycle < kCycles; ++cycle) {
        const auto response = rtsp_request("DESCRIBE", proxy_->url());
        ASSERT_TRUE(response) << cycle << ": " << response.error().message;
        ASSERT_EQ(response->status, 200) << cycle;
    }
    // Nobody has played: the proxy asked for a description, once.
    EXPECT_EQ(camera_.requests("PLAY"), 0);
    EXPECT_EQ(camera_.requests("DESCRIBE"), 1);
}

TEST_F(Demand, PlayersInARow) {
    start_proxy(Ingest::Tcp, {"--idle-timeout", "60"});
    ASSERT_TRUE(proxy_->wait_ready());
    for (int cycle = 0; cycle < kCycles && !HasFailure(); ++cycle) {
        SCOPED_TRACE(cycle);
        play_and_leave(proxy_->url());
    }
    EXPECT_EQ(camera_.requests("PLAY"), 1);
    EXPECT_EQ(counters().at("clients_ever"), kCycles);
}

// The back end comes and goes as fast as its viewers.
TEST_F(Demand, PlayersInARowWithoutIdleTime) {
    start_proxy(Ingest::Tcp, {"--idle-timeout", "0"});
    ASSERT_TRUE(proxy_->wait_ready());
    for (int cycle = 0; cycle < kCycles && !HasFailure(); ++cycle) {
        SCOPED_TRACE(cycle);
        play_and_leave(proxy_->url());
    }
    start_viewers();
    viewers_->expect_unharmed();
}

// It was seen before: a client that comes while it is away waits for pictures, not for the SDP.
TEST_F(Demand, ClientsThatComeWhileItIsLost) {
    start_proxy(Ingest::Tcp);
    start_viewers();
    camera_.kill();
    ASSERT_TRUE(wait_lost(2));
    Swarm late(proxy_->url(), {"--audio"});
    ASSERT_TRUE(eventually([&] { return late.stats().at("playing") == late.clients(); }, kPatience))
        << late.stats().dump();
    EXPECT_EQ(late.stats().at("packets"), 0);
    camera_.start();
    ASSERT_TRUE(late.wait_fed_again(30s)) << late.stats().dump();
    late.expect_unharmed();
    EXPECT_EQ(late.stats().at("not_key_starts"), 0) << late.stats().dump();
    viewers_->expect_unharmed();
}

TEST_F(Demand, EndsWithTheIdleTimeout) {
    start_proxy(Ingest::Tcp, {"--idle-timeout", "1"});
    for (int round = 1; round <= 2; ++round) {
        start_viewers();
        EXPECT_EQ(sessions(), 1);
        viewers_->expect_unharmed();
        viewers_.reset(); // gone without a word
        ASSERT_TRUE(eventually([&] { return sessions() == 0; })) << round;
        EXPECT_EQ(camera_.requests("PLAY"), round);
        EXPECT_EQ(camera_.requests("TEARDOWN"), round);
    }
}

// Nobody misses a camera that nobody watches.
TEST_F(Demand, EndsWhileItIsLost) {
    start_proxy(Ingest::Tcp, {"--idle-timeout", "1"});
    start_viewers();
    camera_.kill();
    ASSERT_TRUE(wait_lost(1));
    viewers_.reset();
    ASSERT_TRUE(eventually([&] { return counters().at("state") == "idle"; })) << proxy_->report();
    camera_.start();
    EXPECT_TRUE(throughout([&] { return camera_.requests("PLAY") == 0; }, 2s));
    start_viewers();
    viewers_->expect_unharmed();
}

TEST_F(Demand, NeverEndsIfAlwaysOn) {
    start_proxy(Ingest::Tcp, {"--always-on", "--idle-timeout", "0"});
    ASSERT_TRUE(camera_.wait_requests("PLAY", 1)) << "nobody has come yet";
    camera_.kill();
    ASSERT_TRUE(wait_lost(1));
    camera_.start();
    ASSERT_TRUE(camera_.wait_requests("PLAY", 1)) << "nobody has come yet";
    start_viewers();
    viewers_->expect_unharmed();
    viewers_.reset();
    EXPECT_TRUE(throughout([&] { return sessions() == 1; }, 2s));
    EXPECT_EQ(camera_.requests("PLAY"), 1);
    EXPECT_EQ(camera_.requests("TEARDOWN"), 0);
}

} // namespace
} // namespace rtspproxy::tests
