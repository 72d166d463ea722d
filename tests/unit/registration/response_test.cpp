#include "plugins/registration/response.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

TEST(FormatResponse, WritesStatusCseqAndHeaders) {
    Response response;
    response.status = 405;
    response.cseq = 3;
    response.headers.add("Allow", "OPTIONS");
    EXPECT_EQ(format_response(response),
              "RTSP/1.0 405 Method Not Allowed\r\nCSeq: 3\r\nAllow: OPTIONS\r\n\r\n");
}

TEST(FormatResponse, LeavesAnUnknownCseqOut) {
    Response response;
    response.status = 400;
    EXPECT_EQ(format_response(response), "RTSP/1.0 400 Bad Request\r\n\r\n");
}

TEST(FormatResponse, HasAPhraseForEveryStatusThatIsUsed) {
    for (const unsigned status : {200U, 400U, 401U, 403U, 404U, 405U, 451U, 453U, 500U, 503U})
        EXPECT_NE(reason_phrase(status), "Status") << status;
    EXPECT_EQ(reason_phrase(299), "Status");
}

TEST(ParseResponse, ReadsWhatIsWritten) {
    Response response;
    response.status = 401;
    response.cseq = 9;
    response.headers.add("WWW-Authenticate", "Digest realm=\"r\"");
    const auto parsed = parse_response(format_response(response));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->status, 401U);
    EXPECT_EQ(parsed->reason, "Unauthorized");
    EXPECT_EQ(parsed->cseq, 9U);
    ASSERT_NE(parsed->headers.find("www-authenticate"), nullptr);
    EXPECT_EQ(*parsed->headers.find("www-authenticate"), "Digest realm=\"r\"");
}

TEST(ParseResponse, TakesAnEmptyReason) {
    EXPECT_TRUE(parse_response("RTSP/1.0 200\r\n\r\n"));
    EXPECT_TRUE(parse_response("RTSP/1.0 200 \r\n\r\n"));
}

TEST(ParseResponse, RefusesWhatIsNone) {
    for (const char* text :
         {"HTTP/1.1 200 OK\r\n\r\n", "RTSP/1.0 OK\r\n\r\n", "RTSP/1.0 2000\r\n\r\n",
          "RTSP/1.0 20\r\n\r\n", "RTSP/1.0 099 x\r\n\r\n", "RTSP/1.0 600 x\r\n\r\n",
          "RTSP/1.0\r\n\r\n", "\r\n\r\n", ""})
        EXPECT_FALSE(parse_response(text)) << text;
}

} // namespace
} // namespace rtspproxy::registration
