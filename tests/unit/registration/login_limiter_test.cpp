#include "plugins/registration/login_limiter.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

using namespace std::chrono_literals;

class LoginLimiterTest : public testing::Test {
  protected:
    LoginLimiter::Clock::time_point now_ = LoginLimiter::Clock::now();
    LoginLimiter limiter_;
};

TEST_F(LoginLimiterTest, LocksOutAtTheLimitUntilTheWindowIsOver) {
    limiter_.failed("a", now_);
    limiter_.failed("a", now_ + 59s);
    EXPECT_FALSE(limiter_.locked_out("a", 3, now_ + 59s));
    EXPECT_TRUE(limiter_.locked_out("a", 2, now_ + 59s));
    EXPECT_TRUE(limiter_.locked_out("a", 2, now_ + LoginLimiter::kWindow));
    EXPECT_FALSE(limiter_.locked_out("a", 2, now_ + LoginLimiter::kWindow + 1ms));
}

TEST_F(LoginLimiterTest, CountsEachAddressForItself) {
    limiter_.failed("a", now_);
    EXPECT_TRUE(limiter_.locked_out("a", 1, now_));
    EXPECT_FALSE(limiter_.locked_out("b", 1, now_));
}

TEST_F(LoginLimiterTest, StartsAnewAfterTheWindowAndAfterASuccess) {
    limiter_.failed("a", now_);
    limiter_.failed("a", now_ + 61s);
    EXPECT_FALSE(limiter_.locked_out("a", 2, now_ + 61s));
    limiter_.succeeded("a");
    EXPECT_FALSE(limiter_.locked_out("a", 1, now_ + 61s));
}

TEST_F(LoginLimiterTest, ZeroMeansNoLimit) {
    for (int i = 0; i < 100; ++i)
        limiter_.failed("a", now_);
    EXPECT_FALSE(limiter_.locked_out("a", 0, now_));
}

TEST_F(LoginLimiterTest, ForgetsTheOldestWhenItIsFull) {
    limiter_.failed("first", now_);
    for (std::size_t i = 0; i < LoginLimiter::kMaxAddresses; ++i)
        limiter_.failed(std::to_string(i), now_ + 1s);
    EXPECT_FALSE(limiter_.locked_out("first", 1, now_ + 1s));
    EXPECT_TRUE(limiter_.locked_out("0", 1, now_ + 1s));
}

} // namespace
} // namespace rtspproxy::registration
