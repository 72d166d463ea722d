#include "app/backend/exchange/answer_form.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

class AnswerFormTest : public ::testing::Test {
  protected:
    // What rtspsrc is given instead of `answer`, but for its CSeq.
    std::string mended(const std::string& method, const std::string& answer,
                       const std::string& transport = "") {
        Request request;
        request.message = Message::request(method, "rtsp://camera/live/main");
        if (!transport.empty())
            request.message.set("Transport", transport);
        Message message = Message::parse(answer);
        EXPECT_EQ(form_.on_answer(request, message), Verdict::Pass);
        was_mended_ = request.mended;
        return message.text();
    }
    void expect_kept(const std::string& method, const std::string& answer,
                     const std::string& transport = "") {
        EXPECT_EQ(mended(method, answer, transport), answer);
        EXPECT_FALSE(was_mended_) << answer;
    }
    void expect_mended(const std::string& method, const std::string& answer,
                       const std::string& expected, const std::string& transport = "") {
        EXPECT_EQ(mended(method, answer, transport), expected);
        EXPECT_TRUE(was_mended_) << answer;
    }

    AnswerForm form_;
    bool was_mended_ = false;
};

TEST_F(AnswerFormTest, WhatIsRightStaysAsItIs) {
    expect_kept("OPTIONS", "RTSP/1.0 200 OK\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY\r\n\r\n");
    expect_kept("OPTIONS", "RTSP/1.0 200 OK\r\n\r\n");
    expect_kept("DESCRIBE", "RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\n"
                            "Content-Base: rtsp://camera/live/main/\r\nContent-Length: 5\r\n\r\n"
                            "v=0\r\n");
    expect_kept("DESCRIBE",
                "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n");
    expect_kept("SETUP",
                "RTSP/1.0 200 OK\r\nSession: 1;timeout=60\r\n"
                "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
                "RTP/AVP/TCP;unicast;interleaved=0-1");
    expect_kept("PLAY", "RTSP/1.0 455 Method Not Valid in This State\r\n\r\n");
}

// Nothing depends on it.
TEST_F(AnswerFormTest, OptionsMayBeRefused) {
    for (const char* status : {"404 Not Found", "400 Bad Request", "501 Not Implemented",
                               "505 RTSP Version Not Supported", "x", "999 What"})
        expect_mended("OPTIONS", "RTSP/1.0 " + std::string(status) + "\r\nX: y\r\n\r\n",
                      "RTSP/1.0 200 OK\r\n\r\n");
    expect_kept("OPTIONS", "RTSP/1.0 401 Unauthorized\r\n\r\n");
    expect_kept("OPTIONS", "RTSP/1.0 302 Found\r\nLocation: rtsp://camera/x\r\n\r\n");
}

TEST_F(AnswerFormTest, PublicIsMadeReadable) {
    expect_mended("OPTIONS", "RTSP/1.0 200 OK\r\nPublic: OPTIONS DESCRIBE SETUP PLAY\r\n\r\n",
                  "RTSP/1.0 200 OK\r\nPublic: DESCRIBE, SETUP, OPTIONS, PLAY\r\n\r\n");
    expect_mended(
        "OPTIONS", "RTSP/1.0 200 OK\r\nPublic: OPTIONS, PLAY, GET_PARAMETER\r\n\r\n",
        "RTSP/1.0 200 OK\r\nPublic: DESCRIBE, SETUP, OPTIONS, PLAY, GET_PARAMETER\r\n\r\n");
    expect_mended("OPTIONS", "RTSP/1.0 200 OK\r\nAllow: TEARDOWN\r\nPublic: \r\n\r\n",
                  "RTSP/1.0 200 OK\r\nPublic: DESCRIBE, SETUP, TEARDOWN\r\n\r\n");
}

TEST_F(AnswerFormTest, AnySuccessIsOne) {
    expect_mended("PLAY", "RTSP/1.0 250 Low on Storage Space\r\n\r\n",
                  "RTSP/1.0 200 Low on Storage Space\r\n\r\n");
}

TEST_F(AnswerFormTest, AStatusThatIsNoneIsARefusal) {
    for (const char* status : {"", "0", "99999", "600", "OK"})
        EXPECT_TRUE(mended("PLAY", "RTSP/1.0 " + std::string(status) + "\r\n\r\n")
                        .starts_with("RTSP/1.0 400 "));
}

TEST_F(AnswerFormTest, RedirectsAreAbsolute) {
    expect_mended("DESCRIBE", "RTSP/1.0 301 Moved\r\nLocation: /elsewhere\r\n\r\n",
                  "RTSP/1.0 301 Moved\r\nLocation: rtsp://camera/elsewhere\r\n\r\n");
    expect_mended("DESCRIBE", "RTSP/1.0 302 Moved\r\nLocation: sub\r\n\r\n",
                  "RTSP/1.0 302 Moved\r\nLocation: rtsp://camera/live/sub\r\n\r\n");
    expect_mended("DESCRIBE", "RTSP/1.0 307 Moved\r\nLocation: rtsp://camera/x\r\n\r\n",
                  "RTSP/1.0 302 Moved\r\nLocation: rtsp://camera/x\r\n\r\n");
    expect_kept("DESCRIBE", "RTSP/1.0 302 Moved\r\n\r\n");
    expect_kept("DESCRIBE", "RTSP/1.0 302 Moved\r\nLocation: http://camera/\r\n\r\n");
}

TEST_F(AnswerFormTest, DescriptionsAreTold) {
    expect_mended("DESCRIBE",
                  "RTSP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Base: /live/main/\r\n\r\n"
                  "v=0\r\n",
                  "RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\n"
                  "Content-Base: rtsp://camera/live/main/\r\nContent-Length: 5\r\n\r\nv=0\r\n");
    expect_mended("DESCRIBE", "RTSP/1.0 200 OK\r\nContent-Base:\r\n\r\n",
                  "RTSP/1.0 200 OK\r\n\r\n");
}

TEST_F(AnswerFormTest, SessionsAreMadeReadable) {
    expect_mended("PLAY", "RTSP/1.0 200 OK\r\nSession:  12 ; timeout = 60 ;\r\n\r\n",
                  "RTSP/1.0 200 OK\r\nSession: 12;timeout=60\r\n\r\n");
    expect_mended("PLAY", "RTSP/1.0 200 OK\r\nSession: ;\r\n\r\n", "RTSP/1.0 200 OK\r\n\r\n");
}

TEST_F(AnswerFormTest, TracksHaveATransport) {
    expect_mended("SETUP", "RTSP/1.0 200 OK\r\nSession: 1\r\n\r\n",
                  "RTSP/1.0 200 OK\r\nSession: 1\r\n"
                  "Transport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
                  "RTP/AVP/TCP;unicast;interleaved=0-1");
    expect_mended("SETUP", "RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP; unicast\r\n\r\n",
                  "RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n\r\n",
                  "RTP/AVP/TCP;unicast;interleaved=2-3");
    expect_kept("SETUP", "RTSP/1.0 404 Not Found\r\n\r\n", "RTP/AVP/TCP;unicast;interleaved=4-5");
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
