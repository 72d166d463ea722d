// An exchange between somebody who writes as rtspsrc does and somebody who answers as a camera.
#include "app/backend/exchange/exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace rtspproxy::backend::exchange::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string request(const std::string& method, const std::string& more = "CSeq: 1\r\n") {
    return method + " rtsp://camera/live RTSP/1.0\r\n" + more + "\r\n";
}

std::string answer(const std::string& more, int status = 200) {
    return "RTSP/1.0 " + std::to_string(status) + " OK\r\n" + more + "\r\n";
}

// A rule that does what a test says.
struct Scripted : Rule {
    std::optional<Message> on_request(Request& request) override {
        return asked ? asked(request) : std::nullopt;
    }
    Verdict on_answer(Request& request, Message& message) override {
        return answered ? answered(request, message) : Verdict::Pass;
    }
    void on_end(const std::deque<Request>& unanswered) override { left = unanswered.size(); }
    std::function<std::optional<Message>(Request&)> asked;
    std::function<Verdict(Request&, Message&)> answered;
    std::optional<std::size_t> left;
};

class ExchangeTest : public ::testing::Test {
  protected:
    ExchangeTest() {
        Rules rules;
        for (Scripted*& each : rule_) {
            auto scripted = std::make_unique<Scripted>();
            each = scripted.get();
            rules.push_back(std::move(scripted));
        }
        exchange_ = std::make_unique<Exchange>(std::move(rules));
    }
    Deliveries from_source(const std::string& text) { return exchange_->from_source(text); }
    Deliveries from_camera(const std::string& text) { return exchange_->from_camera(text); }

    std::array<Scripted*, 2> rule_{};
    std::unique_ptr<Exchange> exchange_;
};

TEST_F(ExchangeTest, PassesRequestsAndAnswersOn) {
    const auto asked = from_source(request("OPTIONS", "CSeq: 1\r\nUser-Agent: x\r\n"));
    EXPECT_THAT(asked.to_camera, ElementsAre(request("OPTIONS", "CSeq: 1\r\nUser-Agent: x\r\n")));
    EXPECT_THAT(asked.to_source, IsEmpty());
    const auto answered = from_camera(answer("CSeq: 1\r\nPublic: PLAY\r\n"));
    EXPECT_THAT(answered.to_source, ElementsAre(answer("CSeq: 1\r\nPublic: PLAY\r\n")));
    EXPECT_THAT(answered.to_camera, IsEmpty());
}

TEST_F(ExchangeTest, EachSideHasItsOwnNumbers) {
    EXPECT_THAT(from_source(request("OPTIONS", "CSeq: 7\r\n")).to_camera,
                ElementsAre(request("OPTIONS")));
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n")).to_source, ElementsAre(answer("CSeq: 7\r\n")));
    EXPECT_THAT(exchange_->ask(Message::request("OPTIONS", "rtsp://camera/live")).to_camera,
                ElementsAre(request("OPTIONS", "CSeq: 2\r\n")));
    EXPECT_THAT(from_source(request("PLAY", "CSeq: 8\r\n")).to_camera,
                ElementsAre(request("PLAY", "CSeq: 3\r\n")));
    EXPECT_THAT(from_camera(answer("CSeq: 2\r\n")).to_source, IsEmpty());
    EXPECT_THAT(from_camera(answer("CSeq: 3\r\n")).to_source, ElementsAre(answer("CSeq: 8\r\n")));
}

TEST_F(ExchangeTest, AnAnswerWithoutOrWithAWrongNumberIsThatOfTheFirstRequest) {
    for (const char* header : {"", "CSeq: 99\r\n", "CSeq: x\r\n", "CSeq: -1\r\n"}) {
        static_cast<void>(from_source(request("OPTIONS", "CSeq: 5\r\n")));
        EXPECT_THAT(from_camera(answer(header)).to_source, ElementsAre(answer("CSeq: 5\r\n")));
    }
    EXPECT_EQ(exchange_->unasked(), 0U);
}

TEST_F(ExchangeTest, AnswersToNothingEndHere) {
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n")).to_source, IsEmpty());
    static_cast<void>(from_source(request("OPTIONS")));
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n")).to_source.size(), 1U);
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n")).to_source, IsEmpty());
    EXPECT_EQ(exchange_->unasked(), 2U);
}

// rtspsrc gave it up: it would take the answer for that of the next request.
TEST_F(ExchangeTest, TheLateAnswerToAnEarlierRequestEndsHere) {
    static_cast<void>(from_source(request("OPTIONS", "CSeq: 1\r\n")));
    static_cast<void>(from_camera(answer("CSeq: 1\r\n")));
    static_cast<void>(from_source(request("GET_PARAMETER", "CSeq: 2\r\n")));
    static_cast<void>(from_source(request("TEARDOWN", "CSeq: 3\r\n")));
    EXPECT_THAT(from_camera(answer("CSeq: 2\r\n")).to_source, IsEmpty());
    EXPECT_THAT(from_camera(answer("CSeq: 3\r\n")).to_source, ElementsAre(answer("CSeq: 3\r\n")));
}

TEST_F(ExchangeTest, OneOfOursThatIsNotAnsweredIsForgotten) {
    static_cast<void>(from_source(request("OPTIONS")));
    static_cast<void>(from_camera(answer("CSeq: 1\r\n")));
    for (int i = 0; i < 100; ++i)
        static_cast<void>(exchange_->ask(Message::request("OPTIONS", "*")));
    static_cast<void>(from_source(request("PLAY", "CSeq: 2\r\n")));
    EXPECT_THAT(from_camera(answer("CSeq: 90\r\n")).to_source, IsEmpty()); // late
    EXPECT_THAT(from_camera(answer("CSeq: 102\r\n")).to_source, ElementsAre(answer("CSeq: 2\r\n")));
    exchange_->end();
    EXPECT_EQ(rule_[0]->left, 0U);
}

TEST_F(ExchangeTest, NotYetIsNoAnswer) {
    static_cast<void>(from_source(request("DESCRIBE")));
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n", 100)).to_source, IsEmpty());
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n")).to_source.size(), 1U);
}

TEST_F(ExchangeTest, RulesChangeRequestsAndAnswersInTheirOrder) {
    std::string order;
    for (std::size_t i = 0; i < rule_.size(); ++i) {
        rule_[i]->asked = [&order, i](Request& asked) {
            order += std::to_string(i);
            asked.message.set("Rule", std::to_string(i));
            return std::nullopt;
        };
        rule_[i]->answered = [&order, i](Request&, Message& message) {
            order += std::to_string(i);
            message.set("Rule", std::to_string(i));
            return Verdict::Pass;
        };
    }
    EXPECT_THAT(from_source(request("PLAY")).to_camera,
                ElementsAre(request("PLAY", "CSeq: 1\r\nRule: 1\r\n")));
    EXPECT_THAT(from_camera(answer("")).to_source, ElementsAre(answer("CSeq: 1\r\nRule: 1\r\n")));
    EXPECT_EQ(order, "0101");
}

TEST_F(ExchangeTest, ARuleHasARequestSentAgain) {
    rule_[0]->answered = [](Request& asked, Message& message) {
        if (message.status != 401)
            return Verdict::Pass;
        asked.message.set("Authorization", "Basic x");
        return Verdict::Resend;
    };
    static_cast<void>(from_source(request("DESCRIBE", "CSeq: 4\r\n")));
    const auto refused = from_camera(answer("CSeq: 1\r\n", 401));
    EXPECT_THAT(refused.to_source, IsEmpty());
    EXPECT_THAT(refused.to_camera,
                ElementsAre(request("DESCRIBE", "CSeq: 2\r\nAuthorization: Basic x\r\n")));
    EXPECT_THAT(from_camera(answer("CSeq: 2\r\n")).to_source, ElementsAre(answer("CSeq: 4\r\n")));
}

TEST_F(ExchangeTest, ButNotForEver) {
    rule_[0]->answered = [](Request&, Message&) { return Verdict::Resend; };
    auto sent = from_source(request("DESCRIBE")).to_camera.size();
    Deliveries last;
    for (int i = 0; i < 20; ++i) {
        last = from_camera(answer("", 401));
        sent += last.to_camera.size();
        if (!last.to_source.empty())
            break;
    }
    EXPECT_EQ(sent, Exchange::kMaxTimesSent);
    EXPECT_THAT(last.to_source, ElementsAre(answer("CSeq: 1\r\n", 401)));
}

TEST_F(ExchangeTest, ARuleAnswersItself) {
    rule_[0]->asked = [](Request&) { return Message::answer(200, "OK"); };
    const auto out = from_source(request("OPTIONS", "CSeq: 6\r\n"));
    EXPECT_THAT(out.to_camera, IsEmpty());
    EXPECT_THAT(out.to_source, ElementsAre(answer("CSeq: 6\r\n")));
}

TEST_F(ExchangeTest, ARuleSwallowsAnAnswer) {
    rule_[0]->answered = [](Request&, Message&) { return Verdict::Swallow; };
    static_cast<void>(from_source(request("PLAY")));
    const auto out = from_camera(answer("CSeq: 1\r\n"));
    EXPECT_THAT(out.to_camera, IsEmpty());
    EXPECT_THAT(out.to_source, IsEmpty());
}

TEST_F(ExchangeTest, RulesSeeTheAnswersToOurs) {
    int seen = 0;
    rule_[1]->answered = [&seen](Request& asked, Message&) {
        seen += asked.ours ? 1 : 0;
        return Verdict::Pass;
    };
    static_cast<void>(exchange_->ask(Message::request("GET_PARAMETER", "*")));
    EXPECT_THAT(from_camera(answer("CSeq: 1\r\n")).to_source, IsEmpty());
    EXPECT_EQ(seen, 1);
}

TEST_F(ExchangeTest, RulesLearnWhatWasNotAnswered) {
    static_cast<void>(from_source(request("OPTIONS")));
    exchange_->end();
    EXPECT_EQ(rule_[0]->left, 1U);
    EXPECT_EQ(rule_[1]->left, 1U);
    exchange_->end();
    EXPECT_EQ(rule_[0]->left, 0U);
}

TEST_F(ExchangeTest, TheCamerasRequestsAreAnsweredWithItsNumbers) {
    EXPECT_THAT(from_camera(request("OPTIONS", "CSeq: 77\r\n")).to_source,
                ElementsAre(request("OPTIONS", "CSeq: 1\r\n")));
    EXPECT_THAT(from_source(answer("CSeq: 1\r\n")).to_camera, ElementsAre(answer("CSeq: 77\r\n")));
    EXPECT_THAT(from_camera(request("OPTIONS", "")).to_source,
                ElementsAre(request("OPTIONS", "CSeq: 2\r\n")));
    EXPECT_THAT(from_source(answer("CSeq: 2\r\n")).to_camera, ElementsAre(answer("")));
}

TEST_F(ExchangeTest, AskingWithoutEndCostsNothing) {
    for (int i = 0; i < 10000; ++i)
        static_cast<void>(from_camera(request("OPTIONS", "CSeq: 1\r\n")));
    EXPECT_THAT(from_source(answer("CSeq: 1\r\n")).to_camera.size(), 1U);
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
