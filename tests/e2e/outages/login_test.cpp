// A camera whose password is not the one that the proxy knows.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/rtsp_connection.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

constexpr auto kRight = "right";
constexpr auto kWrong = "wrong";

class CameraLogin : public OutageTest, public ::testing::WithParamInterface<Ingest> {
  protected:
    // Requests that came without the right password. An attempt begins with one that has none, to
    // be asked for it.
    [[nodiscard]] int refused() { return camera_.stats().at("unauthorized").get<int>(); }

    void expect_unauthorized() {
        const auto response = rtsp_request("DESCRIBE", proxy_->url());
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 503);
        EXPECT_NE(response->reason.find("401"), std::string::npos) << response->reason;
        EXPECT_EQ(proxy_->process().err().find(kWrong), std::string::npos);
    }
};

TEST_P(CameraLogin, IsTriedTwiceAndThenLeftAlone) {
    camera_.tell(std::string("password ") + kRight);
    start_proxy(GetParam(), {"--user", "user", kWrong});
    ASSERT_TRUE(wait_lost(2));
    expect_unauthorized();
    const int after_two = refused();
    EXPECT_LE(after_two, 4);
    // Accounts are locked after three to five failures.
    EXPECT_TRUE(throughout([&] { return refused() == after_two; }, 8s)) << refused();
    expect_unauthorized();
}

TEST_P(CameraLogin, WorksOnceThePasswordIsRight) {
    camera_.tell(std::string("password ") + kRight);
    start_proxy(GetParam(), {"--user", "user", kWrong});
    ASSERT_TRUE(wait_lost(1));
    expect_unauthorized();
    camera_.tell(std::string("password ") + kWrong);
    // The next attempt is due in half a second. On a machine too busy for that it is one later.
    ASSERT_TRUE(proxy_->wait_status(200, "proxyStream", 75s));
    start_viewers();
    viewers_->expect_unharmed();
}

// It is changed while somebody watches, and changed back.
TEST_P(CameraLogin, IsRefusedInTheMiddle) {
    camera_.tell(std::string("password ") + kWrong);
    start_proxy(GetParam(), {"--user", "user", kWrong});
    start_viewers();
    camera_.tell(std::string("password ") + kRight);
    camera_.tell("close");
    ASSERT_TRUE(wait_lost(2));
    camera_.tell(std::string("password ") + kWrong);
    ASSERT_TRUE(viewers_->wait_fed_again(75s)) << viewers_->stats().dump();
    viewers_->expect_unharmed();
}

INSTANTIATE_TEST_SUITE_P(Ingest, CameraLogin, ::testing::Values(Ingest::Tcp),
                         [](const auto& test) { return std::string(to_string(test.param)); });

} // namespace
} // namespace rtspproxy::tests
