// What a camera and rtspsrc see of a login.
#include "app/backend/exchange/exchange.hpp"
#include "app/backend/exchange/login.hpp"
#include "tests/support/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

using rtspproxy::tests::answer_challenge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kUrl = "rtsp://camera/live";
constexpr const char* kChallenge = "Digest realm=\"cam\", nonce=\"n1\"";
constexpr const char* kSecondChallenge = "Digest realm=\"cam\", nonce=\"n2\", stale=\"TRUE\"";

class LoginTest : public ::testing::Test {
  protected:
    void connect(std::optional<auth::Account> account = auth::Account{"joe", "secret"}) {
        Rules rules;
        rules.push_back(std::make_unique<Login>(std::move(account), memory_));
        exchange_ = std::make_unique<Exchange>(std::move(rules));
    }
    // rtspsrc asks; what the camera gets.
    Message ask(const std::string& method) {
        const auto out = exchange_->from_source(
            method + " " + kUrl + " RTSP/1.0\r\nCSeq: " + std::to_string(++cseq_) + "\r\n\r\n");
        EXPECT_THAT(out.to_source, IsEmpty());
        return only(out.to_camera);
    }
    Deliveries answer(int status, const std::vector<std::string>& challenges = {}) {
        Message message = Message::answer(status, status == 200 ? "OK" : "Unauthorized");
        for (const auto& challenge : challenges)
            message.add("WWW-Authenticate", challenge);
        return exchange_->from_camera(message.text());
    }
    // The camera refuses, and is asked again at once.
    Message challenge(const std::vector<std::string>& challenges) {
        const auto out = answer(401, challenges);
        EXPECT_THAT(out.to_source, IsEmpty());
        return only(out.to_camera);
    }
    // The camera answers, and rtspsrc gets it.
    Message received(const Deliveries& out) {
        EXPECT_THAT(out.to_camera, IsEmpty());
        return only(out.to_source);
    }
    static Message only(const std::vector<std::string>& messages) {
        EXPECT_THAT(messages, SizeIs(1));
        return messages.empty() ? Message() : Message::parse(messages.front());
    }
    static std::string right(const std::string& method, const std::string& challenge = kChallenge) {
        return answer_challenge(challenge, {"joe", "secret"}, method, kUrl);
    }

    std::shared_ptr<Login::Memory> memory_ = std::make_shared<Login::Memory>();
    std::unique_ptr<Exchange> exchange_;
    unsigned cseq_ = 0;
};

TEST_F(LoginTest, IsRtspsrcsNoMore) {
    connect();
    EXPECT_EQ(ask("DESCRIBE").find("Authorization"), nullptr);
    EXPECT_EQ(challenge({kChallenge}).value_or("Authorization", ""), right("DESCRIBE"));
    EXPECT_EQ(received(answer(200)).status, 200);
    // Known from now on.
    EXPECT_EQ(ask("SETUP").value_or("Authorization", ""), right("SETUP"));
    EXPECT_EQ(received(answer(200)).status, 200);
}

TEST_F(LoginTest, TriesAPasswordOnce) {
    connect();
    static_cast<void>(ask("DESCRIBE"));
    static_cast<void>(challenge({kChallenge}));
    const Message refused = received(answer(401, {kChallenge}));
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.reason, "Unauthorized");
    EXPECT_EQ(refused.find("WWW-Authenticate"), nullptr) << "rtspsrc would try it, too";
}

TEST_F(LoginTest, RenewsANonceForEachRequest) {
    connect();
    static_cast<void>(ask("DESCRIBE"));
    static_cast<void>(challenge({kChallenge}));
    static_cast<void>(answer(200));
    for (const char* method : {"SETUP", "PLAY"}) {
        static_cast<void>(ask(method));
        EXPECT_EQ(challenge({kSecondChallenge}).value_or("Authorization", ""),
                  right(method, kSecondChallenge));
        EXPECT_EQ(received(answer(200)).status, 200);
    }
    static_cast<void>(ask("SETUP"));
    static_cast<void>(challenge({kChallenge}));
    EXPECT_EQ(received(answer(401, {kSecondChallenge})).status, 401) << "without end";
}

TEST_F(LoginTest, OfOurOwnRequestsIsRenewedToo) {
    connect();
    static_cast<void>(ask("PLAY"));
    static_cast<void>(challenge({kChallenge}));
    static_cast<void>(answer(200));
    for (int round = 0; round < 3; ++round) {
        const auto out = exchange_->ask(Message::request("OPTIONS", kUrl));
        EXPECT_EQ(only(out.to_camera).value_or("Authorization", ""), right("OPTIONS"));
        EXPECT_EQ(challenge({kChallenge}).value_or("Authorization", ""), right("OPTIONS"));
        const auto last = answer(401, {kChallenge});
        EXPECT_THAT(last.to_camera, IsEmpty());
        EXPECT_THAT(last.to_source, IsEmpty());
    }
}

TEST_F(LoginTest, SaysWhatItDoesNotUnderstand) {
    connect();
    static_cast<void>(ask("DESCRIBE"));
    const Message refused = received(answer(401, {"Negotiate"}));
    EXPECT_EQ(refused.status, 401);
    EXPECT_THAT(refused.reason, HasSubstr("Unauthorized (asks for a login that is not"));
    static_cast<void>(ask("DESCRIBE"));
    EXPECT_EQ(received(answer(401)).reason, "Unauthorized") << "nothing was asked for";
}

TEST_F(LoginTest, WithoutAnAccountIsNone) {
    connect(std::nullopt);
    EXPECT_EQ(ask("DESCRIBE").find("Authorization"), nullptr);
    EXPECT_EQ(received(answer(401, {kChallenge})).status, 401);
}

// Some cameras want qop=auth, and some that offer it do not understand it.
TEST_F(LoginTest, ChangesItsFormFromOneAttemptToTheNext) {
    const std::string offer = "Digest realm=\"cam\", nonce=\"n1\", qop=\"auth\"";
    for (const bool qop : {true, false, true}) {
        connect();
        static_cast<void>(ask("DESCRIBE"));
        const std::string given = challenge({offer}).value_or("Authorization", "");
        EXPECT_EQ(given.find("qop=auth") != std::string::npos, qop);
        EXPECT_EQ(received(answer(401, {offer})).status, 401);
    }
    connect(); // without
    static_cast<void>(ask("DESCRIBE"));
    EXPECT_THAT(challenge({offer}).value_or("Authorization", ""), Not(HasSubstr("qop")));
    EXPECT_EQ(received(answer(200)).status, 200);
    connect(); // what was right stays
    static_cast<void>(ask("DESCRIBE"));
    EXPECT_THAT(challenge({offer}).value_or("Authorization", ""), Not(HasSubstr("qop")));
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
