#include "app/backend/exchange/shy_of_options.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

// One connection after the other to the same back end.
class ShyOfOptionsTest : public ::testing::Test {
  protected:
    // Ends without an answer to the last of them.
    void connection_that_ends_at(const std::string& method, bool answered_before = false) {
        ShyOfOptions rule(memory_);
        Request request;
        request.message = Message::request(method, "rtsp://camera/live");
        EXPECT_FALSE(rule.on_request(request));
        Message answer = Message::answer(200, "OK");
        if (answered_before) {
            EXPECT_EQ(rule.on_answer(request, answer), Verdict::Pass);
        }
        rule.on_end({request});
    }
    // Whether the request reaches the camera.
    bool is_sent(const std::string& method) {
        ShyOfOptions rule(memory_);
        Request request;
        request.message = Message::request(method, "rtsp://camera/live");
        const auto answer = rule.on_request(request);
        EXPECT_TRUE(!answer || answer->status == 200);
        return !answer;
    }

    std::shared_ptr<Memory> memory_ = std::make_shared<Memory>();
};

TEST_F(ShyOfOptionsTest, IsNotAskedAgain) {
    EXPECT_TRUE(is_sent("OPTIONS"));
    connection_that_ends_at("OPTIONS");
    EXPECT_FALSE(is_sent("OPTIONS"));
    EXPECT_TRUE(is_sent("DESCRIBE"));
}

TEST_F(ShyOfOptionsTest, AnAnswerBeforeProvesIt) {
    connection_that_ends_at("OPTIONS", true); // a keep-alive, when the camera went
    EXPECT_TRUE(is_sent("OPTIONS"));
}

TEST_F(ShyOfOptionsTest, ACameraThatSaysNothingAtAllIsAskedAgain) {
    connection_that_ends_at("OPTIONS");
    connection_that_ends_at("DESCRIBE");
    EXPECT_TRUE(is_sent("OPTIONS"));
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
