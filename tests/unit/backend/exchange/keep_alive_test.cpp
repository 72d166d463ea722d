#include "app/backend/exchange/keep_alive.hpp"

#include "app/backend/exchange/exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr const char* kUrl = "rtsp://camera/live/";

class KeepAliveTest : public ::testing::Test {
  protected:
    KeepAliveTest() {
        Rules rules;
        rules.push_back(std::make_unique<KeepAlive>(plan_));
        exchange_ = std::make_unique<Exchange>(std::move(rules));
    }
    void ask(const std::string& method, const std::string& headers, int status = 200) {
        static_cast<void>(
            exchange_->from_source(method + " " + kUrl + " RTSP/1.0\r\nCSeq: 1\r\n\r\n"));
        answer(headers, status);
    }
    void answer(const std::string& headers, int status = 200) {
        static_cast<void>(exchange_->from_camera("RTSP/1.0 " + std::to_string(status) + " X\r\n" +
                                                 headers + "\r\n"));
    }
    void play(const std::string& session, const std::string& methods = "OPTIONS, GET_PARAMETER") {
        ask("OPTIONS", "Public: " + methods + "\r\n");
        ask("SETUP", "Session: " + session + "\r\n");
        ask("PLAY", "");
    }
    std::string method() { return plan_->request().method; }

    std::shared_ptr<KeepAlive::Plan> plan_ = std::make_shared<KeepAlive::Plan>();
    std::unique_ptr<Exchange> exchange_;
};

TEST_F(KeepAliveTest, BeginsWithPlayAndEndsWithTeardown) {
    EXPECT_FALSE(plan_->interval());
    play("1");
    EXPECT_EQ(plan_->interval(), 15000ms);
    ask("TEARDOWN", "");
    EXPECT_FALSE(plan_->interval());
}

TEST_F(KeepAliveTest, EndsWithTheConnection) {
    play("1");
    exchange_->end();
    EXPECT_FALSE(plan_->interval());
}

TEST_F(KeepAliveTest, NothingIsKeptAliveThatDoesNotPlay) {
    ask("SETUP", "Session: 1;timeout=9\r\n");
    ask("PLAY", "", 404);
    EXPECT_FALSE(plan_->interval());
}

TEST_F(KeepAliveTest, ComesThreeTimesWithinTheTimeout) {
    const std::vector<std::pair<const char*, std::chrono::milliseconds>> cases = {
        {"1;timeout=8", 2666ms},     {"1;timeout=60", 15000ms},       {"1 ; Timeout = 30", 10000ms},
        {"1;timeout=1", 1000ms},     {"1;timeout=0", 15000ms},        {"1;timeout=x", 15000ms},
        {"1;a=b;timeout=9", 3000ms}, {"1;timeout=999999999", 15000ms}};
    for (const auto& [session, interval] : cases) {
        KeepAlive fresh(plan_);
        play(session);
        EXPECT_EQ(plan_->interval(), interval) << session;
    }
}

TEST_F(KeepAliveTest, IsGetParameterWithoutABodyWhereOffered) {
    play("abc;timeout=30");
    const Message request = plan_->request();
    EXPECT_EQ(request.method, "GET_PARAMETER");
    EXPECT_EQ(request.url, kUrl);
    EXPECT_EQ(request.value_or("Session", ""), "abc");
    EXPECT_THAT(request.body, IsEmpty());
}

TEST_F(KeepAliveTest, IsOptionsElsewhere) {
    for (const char* methods : {"OPTIONS, DESCRIBE, SETUP, PLAY", "", "GET_PARAMETERS"}) {
        play("abc", methods);
        EXPECT_EQ(method(), "OPTIONS") << methods;
        EXPECT_EQ(plan_->request().value_or("Session", ""), "abc");
    }
    play("abc", "play,get_parameter");
    EXPECT_EQ(method(), "GET_PARAMETER");
}

// What Public promises need not be true.
TEST_F(KeepAliveTest, BecomesOptionsWhereGetParameterIsRefused) {
    play("abc");
    for (const int status : {200, 401, 454}) {
        static_cast<void>(exchange_->ask(plan_->request()));
        answer("CSeq: 99\r\n", status);
        EXPECT_EQ(method(), "GET_PARAMETER") << status;
    }
    static_cast<void>(exchange_->ask(plan_->request()));
    answer("", 501);
    EXPECT_EQ(method(), "OPTIONS");
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
