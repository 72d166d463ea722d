#include "app/backend/exchange/redirect.hpp"

#include "app/backend/exchange/exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace rtspproxy::backend::exchange::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class RedirectTest : public ::testing::Test {
  protected:
    RedirectTest() {
        Rules rules;
        rules.push_back(std::make_unique<Redirect>([this](const Result<std::string>& url) {
            reported_.push_back(url ? *url : "error: " + url.error().message);
        }));
        exchange_ = std::make_unique<Exchange>(std::move(rules));
    }
    // What rtspsrc gets when its request is answered so.
    Message answered(int status, const std::string& location,
                     const std::string& url = "rtsp://camera:8554/a/live?x=1") {
        static_cast<void>(
            exchange_->from_source("DESCRIBE " + url + " RTSP/1.0\r\nCSeq: 3\r\n\r\n"));
        Message message = Message::answer(status, "Moved");
        if (!location.empty())
            message.add("Location", location);
        const auto out = exchange_->from_camera(message.text());
        EXPECT_THAT(out.to_camera, IsEmpty());
        EXPECT_THAT(out.to_source, SizeIs(1));
        return out.to_source.empty() ? Message() : Message::parse(out.to_source.front());
    }

    std::vector<std::string> reported_;
    std::unique_ptr<Exchange> exchange_;
};

TEST_F(RedirectTest, IsReportedAndNotFollowed) {
    for (const int status : {300, 301, 302, 303, 305, 307, 308}) {
        const Message got = answered(status, "rtsp://other/x");
        EXPECT_EQ(got.find("Location"), nullptr);
        EXPECT_NE(got.status, 301);
        EXPECT_NE(got.status, 302);
        EXPECT_THAT(std::exchange(reported_, {}), ElementsAre("rtsp://other/x")) << status;
    }
}

TEST_F(RedirectTest, LocationsMayBeRelative) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"/elsewhere", "rtsp://camera:8554/elsewhere"},
        {"other", "rtsp://camera:8554/a/other"},
        {"//host/x", "rtsp://host/x"},
        {"?y=2", "rtsp://camera:8554/a/live?y=2"},
        {"rtsp://u:p%40@h:1/%7B?a=b", "rtsp://u:p%40@h:1/%7B?a=b"},
        {"RTSPS://h/x", "rtsps://h/x"},
    };
    for (const auto& [location, url] : cases) {
        static_cast<void>(answered(302, location));
        EXPECT_THAT(std::exchange(reported_, {}), ElementsAre(url));
    }
}

TEST_F(RedirectTest, ToNowhereIsAnError) {
    static_cast<void>(answered(301, ""));
    static_cast<void>(answered(302, "rtsp://["));
    EXPECT_THAT(reported_, ElementsAre("error: back end redirects (301) without saying where to",
                                       StartsWith("error: back end redirects to something")));
}

TEST_F(RedirectTest, OtherAnswersAreNone) {
    for (const int status : {200, 304, 401, 404, 500})
        EXPECT_EQ(answered(status, "rtsp://other/x").status, status);
    EXPECT_THAT(reported_, IsEmpty());
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
