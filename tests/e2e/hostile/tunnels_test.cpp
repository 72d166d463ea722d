// HTTP tunnels that are used in other ways than they are meant to be.
#include "tests/e2e/hostile/hostile_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

class HostileTunnels : public HostileTest {
  protected:
    HostileTunnels() : HostileTest({"--request-timeout", "2"}) {}

    static std::string get(const std::string& cookie, const std::string& more = "") {
        return "GET /proxyStream HTTP/1.0\r\nx-sessioncookie: " + cookie + "\r\n" + more + "\r\n";
    }
    static std::string post(const std::string& cookie) {
        return "POST /proxyStream HTTP/1.0\r\nx-sessioncookie: " + cookie +
               "\r\nContent-Length: 30000\r\n\r\n";
    }
    [[nodiscard]] std::string options() const {
        return "OPTIONS " + proxy_->url() + " RTSP/1.0\r\nCSeq: 5\r\n\r\n";
    }
    // A player through a tunnel, beside the others.
    void SetUp() override {
        HostileTest::SetUp();
        ASSERT_FALSE(HasFatalFailure());
        player_.emplace(proxy_->url(), PlayerTransport::Http);
        const auto played = player_->play();
        ASSERT_TRUE(played) << played.error().message;
        ASSERT_TRUE(player_->wait_packets(10));
    }
    void TearDown() override {
        expect_bystanders_unharmed();
        EXPECT_TRUE(player_->wait_packets(player_->count() + 20));
        const auto difference = find_difference(server_.sent("/live"), player_->packets());
        EXPECT_FALSE(difference) << *difference;
        EXPECT_TRUE(player_->teardown().has_value());
    }

    std::optional<RtspPlayer> player_;
};

TEST_F(HostileTunnels, AGetMayNameALength) {
    for (const std::string length : {"30000", "0"}) {
        const Fd down = connect(), up = connect();
        ASSERT_TRUE(send(down, get(length, "Content-Length: " + length + "\r\n")));
        EXPECT_THAT(read(down), StartsWith("HTTP/1.0 200 OK\r\n"));
        ASSERT_TRUE(send(up, post(length) + base64(options())));
        EXPECT_THAT(read(down), StartsWith("RTSP/1.0 200 "));
    }
}

TEST_F(HostileTunnels, APostMayComeFirst) {
    const Fd down = connect(), up = connect();
    ASSERT_TRUE(send(up, post("first") + base64(options())));
    std::this_thread::sleep_for(100ms);
    ASSERT_TRUE(send(down, get("first")));
    EXPECT_THAT(read(down), StartsWith("HTTP/1.0 200 OK\r\n"));
    EXPECT_THAT(read(down), StartsWith("RTSP/1.0 200 "));
}

TEST_F(HostileTunnels, HalvesWithoutAPartnerEnd) {
    const Fd up = connect();
    ASSERT_TRUE(send(up, post("alone") + base64(options())));
    EXPECT_TRUE(read_to_end(up).closed);
    std::vector<Fd> gets;
    for (int i = 0; i < 50; ++i) {
        gets.push_back(connect());
        ASSERT_TRUE(send(gets.back(), get("alone" + std::to_string(i))));
    }
    EXPECT_THAT(read(gets.back()), StartsWith("HTTP/1.0 200 OK\r\n"));
    gets.clear();
    EXPECT_TRUE(eventually([&] { return front_end().at("connections") <= 4; }));
}

TEST_F(HostileTunnels, AnEndlessHeadInAPostIsRefused) {
    const Fd down = connect(), up = connect();
    ASSERT_TRUE(send(down, get("long")));
    EXPECT_THAT(read(down), StartsWith("HTTP/1.0 200 OK\r\n"));
    ASSERT_TRUE(
        send(up, post("long") + base64("OPTIONS " + proxy_->url() + " RTSP/1.0\r\nCSeq: 5\r\n")));
    std::string lines;
    for (int i = 0; i < 1000; ++i)
        lines += "x-header: 45678\r\n";
    lines = base64(lines);
    for (int i = 0; i < 50 && send(up, lines); ++i) {
    }
    const auto answer = read_to_end(down);
    EXPECT_TRUE(answer.closed);
    EXPECT_THAT(answer.text, StartsWith("RTSP/1.0 413 "));
}

TEST_F(HostileTunnels, ACookieThatIsInUseIsRefused) {
    const Fd down = connect(), up = connect(), thief = connect();
    ASSERT_TRUE(send(down, get("mine")));
    EXPECT_THAT(read(down), StartsWith("HTTP/1.0 200 OK\r\n"));
    ASSERT_TRUE(send(thief, get("mine")));
    const auto answer = read_to_end(thief);
    EXPECT_THAT(answer.text, StartsWith("HTTP/1.0 409 "));
    EXPECT_TRUE(answer.closed);
    ASSERT_TRUE(send(up, post("mine") + base64(options())));
    EXPECT_THAT(read(down), StartsWith("RTSP/1.0 200 "));
}

TEST_F(HostileTunnels, OrdinaryHttpIsAnsweredInHttp) {
    const Fd socket = connect();
    ASSERT_TRUE(send(socket, "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n"));
    const auto answer = read_to_end(socket);
    EXPECT_THAT(answer.text, StartsWith("HTTP/1.0 400 "));
    EXPECT_TRUE(answer.closed);
}

} // namespace
} // namespace rtspproxy::tests
