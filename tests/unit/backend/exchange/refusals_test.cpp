#include "app/backend/exchange/refusals.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

constexpr const char* kTcp = "RTP/AVP/TCP;unicast;interleaved=0-1";
constexpr const char* kUdp = "RTP/AVP;unicast;client_port=5000-5001";

class RefusalsTest : public ::testing::Test {
  protected:
    Request ask(const std::string& method, const std::string& url, const std::string& transport) {
        Request request;
        request.message = Message::request(method, url);
        if (!transport.empty())
            request.message.set("Transport", transport);
        EXPECT_FALSE(rule_.on_request(request));
        return request;
    }
    // The status that rtspsrc sees.
    int answered(const std::string& method, int status, const std::string& url = "1",
                 const std::string& transport = "") {
        Request request = ask(method, url, transport);
        Message answer = Message::answer(status, "Because");
        EXPECT_EQ(rule_.on_answer(request, answer), Verdict::Pass);
        return answer.status;
    }

    SharedRefusals refusals_ = std::make_shared<Guarded<Refusals>>();
    RefusalRule rule_{refusals_};
};

TEST_F(RefusalsTest, OneTrackCostsOnlyThatTrack) {
    for (const int status : {302, 400, 403, 404, 453, 454, 461, 500, 503}) {
        *refusals_->lock() = {};
        EXPECT_EQ(answered("SETUP", 200, "1", kTcp), 200);
        EXPECT_EQ(answered("SETUP", status, "2", kTcp), 461);
        const Refusals refusals = *refusals_->lock();
        ASSERT_EQ(refusals.refused().size(), 1U);
        EXPECT_EQ(refusals.refused()[0]->number, 2U);
        EXPECT_EQ(refusals.refused()[0]->answer, std::to_string(status) + " Because");
        EXPECT_EQ(refusals.reason(), "");
        EXPECT_FALSE(refusals.udp);
    }
}

TEST_F(RefusalsTest, PasswordsAreAnotherMatter) {
    EXPECT_EQ(answered("SETUP", 401, "1", kUdp), 401);
    EXPECT_EQ(answered("PLAY", 401), 401);
    EXPECT_TRUE(refusals_->lock()->refused().empty());
    EXPECT_EQ(refusals_->lock()->reason(), "");
}

TEST_F(RefusalsTest, IfAllAreRefusedThatIsTheReason) {
    answered("SETUP", 503, "1", kUdp);
    answered("SETUP", 404, "2", kUdp);
    EXPECT_EQ(refusals_->lock()->reason(), "back end answered 503 Because to SETUP");
    EXPECT_TRUE(refusals_->lock()->udp);
}

TEST_F(RefusalsTest, TellsWhetherItIsTheTransport) {
    answered("SETUP", 461, "1", kTcp);
    EXPECT_TRUE(refusals_->lock()->all_unsupported());
    answered("SETUP", 404, "2", kTcp);
    EXPECT_FALSE(refusals_->lock()->all_unsupported());
}

// As rtspsrc does for multicast.
TEST_F(RefusalsTest, ATrackMayBeAskedForAgain) {
    answered("SETUP", 461, "1", kUdp);
    answered("SETUP", 200, "1", "RTP/AVP;multicast");
    EXPECT_TRUE(refusals_->lock()->refused().empty());
    EXPECT_EQ(refusals_->lock()->tracks.size(), 1U);
}

TEST_F(RefusalsTest, PlayMayBeRefused) {
    answered("SETUP", 200, "1", kUdp);
    EXPECT_EQ(answered("PLAY", 500), 500);
    EXPECT_EQ(refusals_->lock()->reason(), "back end answered 500 Because to PLAY");
    EXPECT_EQ(answered("PLAY", 200), 200);
    EXPECT_EQ(refusals_->lock()->reason(), "");
}

TEST_F(RefusalsTest, ClosingIsAnAnswer) {
    std::deque<Request> unanswered;
    rule_.on_end(unanswered);
    unanswered.push_back(ask("TEARDOWN", "1", ""));
    rule_.on_end(unanswered);
    EXPECT_EQ(refusals_->lock()->reason(), "");
    unanswered.push_back(ask("SETUP", "1", kUdp));
    rule_.on_end(unanswered);
    EXPECT_EQ(refusals_->lock()->reason(), "back end closed the connection on SETUP");
    EXPECT_TRUE(refusals_->lock()->udp);
}

TEST_F(RefusalsTest, TracksWithoutEndCostNothing) {
    for (int i = 0; i < 1000; ++i)
        answered("SETUP", 404, std::to_string(i), kTcp);
    EXPECT_LE(refusals_->lock()->tracks.size(), 64U);
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
