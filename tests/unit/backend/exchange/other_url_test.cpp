#include "app/backend/exchange/other_url.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

class OtherUrlTest : public ::testing::Test {
  protected:
    void describe(const std::string& url, const std::string& controls,
                  const std::string& base = "") {
        Request request;
        request.message = Message::request("DESCRIBE", url);
        Message answer = Message::answer(200, "OK");
        if (!base.empty())
            answer.set("Content-Base", base);
        answer.body = "v=0\r\na=control:*\r\n" + controls;
        EXPECT_EQ(rule_.on_answer(request, answer), Verdict::Pass);
    }
    // Where a SETUP goes next; empty: rtspsrc is told.
    std::string after(int status, const std::string& url) {
        request_ = {};
        request_.message = Message::request("SETUP", url);
        EXPECT_FALSE(rule_.on_request(request_));
        return again(status);
    }
    std::string again(int status) {
        ++request_.times_sent;
        Message answer = Message::answer(status, "Because");
        if (rule_.on_answer(request_, answer) == Verdict::Pass)
            return "";
        EXPECT_FALSE(rule_.on_request(request_));
        return request_.message.url;
    }

    OtherUrl rule_;
    Request request_;
};

TEST_F(OtherUrlTest, IsTriedOnceWithWhateverStatus) {
    describe("rtsp://camera/live?a=1", "m=video 0 RTP/AVP 96\r\na=control:track1\r\n");
    for (const int status : {400, 403, 404, 454, 500, 503}) {
        EXPECT_EQ(after(status, "rtsp://camera/track1"), "rtsp://camera/live?a=1/track1");
        EXPECT_EQ(again(status), "");
        EXPECT_EQ(after(status, "rtsp://camera/live?a=1/track1"), "rtsp://camera/track1");
        EXPECT_EQ(again(status), "");
    }
}

TEST_F(OtherUrlTest, WhatIsNoMatterOfTheUrlPasses) {
    describe("rtsp://camera/live", "m=video 0 RTP/AVP 96\r\na=control:track1\r\n");
    for (const int status : {200, 302, 401, 461})
        EXPECT_EQ(after(status, "rtsp://camera/track1"), "");
}

TEST_F(OtherUrlTest, ThereMayBeNoOther) {
    describe("rtsp://camera/live",
             "m=video 0 RTP/AVP 96\r\na=control:track1\r\nm=audio 0 RTP/AVP 8\r\n"
             "a=control:rtsp://camera/track2\r\nm=text 0 RTP/AVP 98\r\n",
             "rtsp://camera/live/");
    EXPECT_EQ(after(404, "rtsp://camera/live/track1"), ""); // both are the same
    EXPECT_EQ(after(404, "rtsp://camera/track2"), "");
    EXPECT_EQ(after(404, "rtsp://camera/live/"), "");
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
