// RTSP over HTTP: two connections that are read as one.
#include "app/server/intake/request_framer.hpp"
#include "tests/unit/server/intake/connected_pair.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::server::tests {
namespace {

using namespace std::chrono_literals;
using rtspproxy::tests::eventually;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kOptions = "OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n";
constexpr auto kGet = "GET /a HTTP/1.0\r\nx-sessioncookie: c\r\nContent-Length: 30000\r\n\r\n";
constexpr auto kPost = "POST /a HTTP/1.0\r\nx-sessioncookie: c\r\nContent-Length: 30000\r\n\r\n";

std::string base64(const std::string& text) {
    const GCharPtr encoded(
        g_base64_encode(reinterpret_cast<const guchar*>(text.data()), text.size()));
    return encoded.get();
}

class ClientTunnelTest : public testing::Test {
  protected:
    template <class Condition>
    bool run_until(Condition condition) {
        return eventually([&] {
            while (g_main_context_iteration(context_.get(), FALSE) != FALSE) {
            }
            return condition();
        });
    }
    void run_for(std::chrono::milliseconds span) {
        const auto end = std::chrono::steady_clock::now() + span;
        (void)run_until([&] { return std::chrono::steady_clock::now() >= end; });
    }
    bool answered(ConnectedPair& pair, const std::string& start) {
        std::string answer;
        return run_until([&] {
            answer += pair.receive();
            return answer.starts_with(start);
        });
    }

    const Ref<GMainContext> context_ = Ref<GMainContext>::adopt(g_main_context_new());
    const std::shared_ptr<IntakeState> state_ =
        std::make_shared<IntakeState>(IntakeOptions{{}, 300ms});
    ConnectedPair get_{state_, context_.get()};
    ConnectedPair post_{state_, context_.get()};
};

TEST_F(ClientTunnelTest, ReadsThePostAsTheGet) {
    get_.send(kGet);
    ASSERT_TRUE(answered(get_, "HTTP/1.0 200 OK\r\n"));
    post_.send(kPost + base64(kOptions));
    ASSERT_TRUE(run_until([&] { return get_.read.size() == 1 && post_.ended; }));
    EXPECT_EQ(get_.all(), kOptions);
    EXPECT_EQ(state_->connections(), 2U);
    EXPECT_EQ(state_->counters.tunnels, 1U);
    post_.send(base64(kOptions + kOptions));
    ASSERT_TRUE(run_until([&] { return get_.read.size() == 3; }));
    get_.close_client();
    EXPECT_TRUE(run_until([&] { return get_.ended; }));
}

TEST_F(ClientTunnelTest, MayBeginWithThePost) {
    post_.send(kPost + base64(kOptions).substr(0, 10));
    run_for(50ms);
    get_.send(kGet);
    ASSERT_TRUE(answered(get_, "HTTP/1.0 200 OK\r\n"));
    ASSERT_TRUE(run_until([&] { return post_.ended; }));
    post_.send(base64(kOptions).substr(10));
    ASSERT_TRUE(run_until([&] { return get_.read.size() == 1; }));
    EXPECT_EQ(get_.all(), kOptions);
}

TEST_F(ClientTunnelTest, TakesOnePostAfterTheOther) {
    get_.send(kGet);
    post_.send(kPost + base64(kOptions));
    ASSERT_TRUE(run_until([&] { return get_.read.size() == 1; }));
    post_.close_client();
    ConnectedPair second(state_, context_.get());
    second.send(kPost + base64(kOptions));
    ASSERT_TRUE(run_until([&] { return get_.read.size() == 2; }));
    EXPECT_FALSE(get_.ended);
}

TEST_F(ClientTunnelTest, IsNotTakenOverByASecondGet) {
    get_.send(kGet);
    ASSERT_TRUE(answered(get_, "HTTP/1.0 200 OK\r\n"));
    ConnectedPair second(state_, context_.get());
    second.send(kGet);
    ASSERT_TRUE(answered(second, "HTTP/1.0 409 "));
    EXPECT_TRUE(run_until([&] { return second.ended; }));
    post_.send(kPost + base64(kOptions));
    EXPECT_TRUE(run_until([&] { return get_.read.size() == 1; }));
}

TEST_F(ClientTunnelTest, ItsCookieIsFreeAgainAfterwards) {
    {
        ConnectedPair first(state_, context_.get());
        first.send(kGet);
        ASSERT_TRUE(answered(first, "HTTP/1.0 200 OK\r\n"));
    }
    get_.send(kGet);
    EXPECT_TRUE(answered(get_, "HTTP/1.0 200 OK\r\n"));
}

TEST_F(ClientTunnelTest, APostWithoutAGetEnds) {
    post_.send(kPost + base64(kOptions));
    ASSERT_TRUE(run_until([&] { return post_.ended; }));
    EXPECT_TRUE(post_.read.empty());
    EXPECT_EQ(state_->counters.timed_out, 1U);
}

TEST_F(ClientTunnelTest, BoundsWhatThePostSays) {
    get_.send(kGet);
    post_.send(kPost);
    const std::string endless = base64("OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 3\r\n") +
                                base64(std::string(3000, 'a')).substr(0, 4000);
    ASSERT_TRUE(run_until([&] {
        if (!get_.ended)
            post_.send(endless);
        return get_.ended;
    }));
    EXPECT_EQ(get_.all(), provoking_message(Refusal::TooLong, "3"));
}

TEST_F(ClientTunnelTest, HalfARequestInItHasItsTime) {
    get_.send(kGet);
    post_.send(kPost + base64(kOptions).substr(0, 20));
    ASSERT_TRUE(run_until([&] { return get_.ended; }));
    EXPECT_EQ(state_->counters.timed_out, 1U);
}

TEST_F(ClientTunnelTest, WhatIsNoBase64IsNotReadForEver) {
    get_.send(kGet);
    post_.send(kPost);
    const std::string noise(20'000, '%');
    ASSERT_TRUE(run_until([&] {
        if (!get_.ended)
            post_.send(noise);
        return get_.ended;
    }));
    EXPECT_EQ(state_->counters.malformed, 1U);
}

TEST_F(ClientTunnelTest, AGetThatTalksWithoutEndEnds) {
    get_.send(kGet + std::string(30'000, 'b')); // its body
    ASSERT_TRUE(answered(get_, "HTTP/1.0 200 OK\r\n"));
    run_for(50ms);
    EXPECT_FALSE(get_.ended);
    ASSERT_TRUE(run_until([&] {
        if (!get_.ended)
            get_.send(std::string(10'000, 'b'));
        return get_.ended;
    }));
}

TEST_F(ClientTunnelTest, ATunnelInATunnelIsRefused) {
    get_.send(kGet);
    post_.send(kPost + base64(kGet));
    ASSERT_TRUE(run_until([&] { return get_.ended; }));
    EXPECT_EQ(get_.all(), provoking_message(Refusal::Malformed, ""));
}

TEST_F(ClientTunnelTest, HttpWithoutACookieIsAnsweredInHttp) {
    get_.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(answered(get_, "HTTP/1.0 400 "));
    EXPECT_TRUE(run_until([&] { return get_.ended; }));
    EXPECT_TRUE(get_.read.empty());
}

} // namespace
} // namespace rtspproxy::server::tests
