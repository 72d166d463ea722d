#include "plugins/registration/request_judge.hpp"

#include "tests/support/answer.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

class RequestJudgeTest : public testing::Test {
  protected:
    RequestJudgeTest() {
        request_.url = "rtsp://camera/stream";
        request_.cseq = 7;
    }
    // The status of the refusal, or 0.
    unsigned refuse() {
        const auto response =
            judge_.refuse(request_, peer_, challenge_, RequestJudge::Clock::now());
        if (!response)
            return 0;
        EXPECT_EQ(response->cseq, 7U);
        const std::string* challenge = response->headers.find("WWW-Authenticate");
        EXPECT_EQ(challenge != nullptr, response->status == 401);
        www_authenticate_ = challenge != nullptr ? *challenge : "";
        return response->status;
    }
    void log_in(const std::string& user, const std::string& password) {
        request_.authorization = tests::answer_challenge(www_authenticate_, {user, password},
                                                         to_string(request_.method), request_.url);
    }

    Guarded<JudgeOptions> options_;
    Counters counters_;
    RequestJudge judge_{options_, counters_};
    DigestChallenge challenge_;
    Peer peer_{"192.0.2.1", 1000, "192.0.2.1"};
    Request request_;
    std::string www_authenticate_;
};

TEST_F(RequestJudgeTest, WithoutUsersEverybodyMayAsk) {
    EXPECT_EQ(refuse(), 0U);
}

TEST_F(RequestJudgeTest, DisabledComesFirst) {
    options_.lock()->enabled = false;
    options_.lock()->accounts["carol"] = "secret";
    const auto response = judge_.refuse(request_, peer_, challenge_, RequestJudge::Clock::now());
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 405U);
    ASSERT_NE(response->headers.find("Allow"), nullptr);
    EXPECT_EQ(response->headers.find("Allow")->find("REGISTER"), std::string::npos);
    EXPECT_EQ(counters_.get(Counter::RefusedDisabled), 1U);
}

TEST_F(RequestJudgeTest, LoginComesBeforeSuffixAndUrl) {
    options_.lock()->accounts["carol"] = "secret";
    request_.suffix = "../etc";
    request_.url = "file:///x";
    EXPECT_EQ(refuse(), 401U);
    log_in("carol", "secret");
    EXPECT_EQ(refuse(), 400U);
}

TEST_F(RequestJudgeTest, RefusesBadUrlsAndSuffixes) {
    request_.suffix = "a/b";
    EXPECT_EQ(refuse(), 400U);
    request_.suffix = "ab";
    EXPECT_EQ(refuse(), 0U);
    request_.url = "http://camera/";
    EXPECT_EQ(refuse(), 400U);
    EXPECT_EQ(counters_.get(Counter::RefusedMalformed), 2U);
}

TEST_F(RequestJudgeTest, DeregisterNeedsTheLoginToo) {
    options_.lock()->accounts["carol"] = "secret";
    request_.method = Method::Deregister;
    EXPECT_EQ(refuse(), 401U);
    log_in("carol", "secret");
    EXPECT_EQ(refuse(), 0U);
    EXPECT_EQ(counters_.get(Counter::Challenged), 1U);
    EXPECT_EQ(counters_.get(Counter::RefusedLogin), 0U);
}

TEST_F(RequestJudgeTest, WrongLoginsLockTheAddressOut) {
    options_.lock()->accounts["carol"] = "secret";
    options_.lock()->max_login_failures = 2;
    EXPECT_EQ(refuse(), 401U);
    for (int i = 0; i < 2; ++i) {
        log_in("carol", "guess");
        EXPECT_EQ(refuse(), 401U);
    }
    log_in("carol", "secret");
    EXPECT_EQ(refuse(), 403U);
    peer_.limit_key = "192.0.2.2";
    EXPECT_EQ(refuse(), 0U);
    EXPECT_EQ(counters_.get(Counter::RefusedLogin), 2U);
    EXPECT_EQ(counters_.get(Counter::RefusedLockedOut), 1U);
}

TEST_F(RequestJudgeTest, AStaleNonceIsSaidToBeAndNotHeldAgainstAnybody) {
    options_.lock()->accounts["carol"] = "secret";
    options_.lock()->max_login_failures = 1;
    EXPECT_EQ(refuse(), 401U);
    log_in("carol", "secret");
    (void)challenge_.renew("gst-rtsp-proxy", false, RequestJudge::Clock::now());
    EXPECT_EQ(refuse(), 401U);
    EXPECT_NE(www_authenticate_.find("stale=true"), std::string::npos);
    log_in("carol", "secret");
    EXPECT_EQ(refuse(), 0U);
}

} // namespace
} // namespace rtspproxy::registration
