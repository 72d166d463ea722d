#include "plugins/registration/request.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

std::string with_transport(const std::string& value) {
    return "REGISTER rtsp://camera/stream RTSP/1.0\r\nCSeq: 2\r\nTransport: " + value + "\r\n\r\n";
}

TEST(Recognise, WaitsWhileBothAreOpen) {
    for (const char* text : {"", "R", "RE", "REGISTER", "D", "DE", "DEREGISTER"})
        EXPECT_EQ(recognise(text), Recognition::Undecided) << text;
}

TEST(Recognise, KnowsItsOwn) {
    EXPECT_EQ(recognise("REGISTER "), Recognition::Registration);
    EXPECT_EQ(recognise("DEREGISTER rtsp://"), Recognition::Registration);
}

TEST(Recognise, LetsEverythingElseGoAtTheFirstByteThatDiffers) {
    for (const char* text : {"O", "DES", "REC", "RED", "GET / HTTP/1.1", "POST", "\x16\x03\x01",
                             "register ", "REGISTERx", "\r\nREGISTER ", " REGISTER ", "\xff"})
        EXPECT_EQ(recognise(text), Recognition::Other) << text;
}

TEST(ParseRequest, ReadsWhatLive555Sends) {
    const auto request =
        parse_request("REGISTER rtsp://192.0.2.1:8554/stream RTSP/1.0\r\n"
                      "CSeq: 2\r\n"
                      "User-Agent: ./registerRTSPStream (LIVE555 Streaming Media v2026.06.24)\r\n"
                      "Transport: reuse_connection; preferred_delivery_protocol=interleaved; "
                      "proxy_url_suffix=garden\r\n\r\n");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->method, Method::Register);
    EXPECT_EQ(request->url, "rtsp://192.0.2.1:8554/stream");
    EXPECT_EQ(request->cseq, 2U);
    EXPECT_TRUE(request->reuse_connection);
    EXPECT_TRUE(request->interleaved);
    EXPECT_EQ(request->suffix, "garden");
    EXPECT_EQ(request->authorization, std::nullopt);
    EXPECT_NE(request->headers.find("User-Agent"), nullptr);
}

TEST(ParseRequest, ReadsLive555sDeregisterWithAnEmptyTransport) {
    const auto request =
        parse_request("DEREGISTER rtsp://camera/stream RTSP/1.0\r\nCSeq: 7\r\nTransport: \r\n\r\n");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->method, Method::Deregister);
    EXPECT_EQ(request->suffix, std::nullopt);
}

TEST(ParseRequest, DefaultsToUdpOnAConnectionOfItsOwn) {
    const auto request = parse_request("REGISTER rtsp://camera/stream RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_FALSE(request->reuse_connection);
    EXPECT_FALSE(request->interleaved);
    EXPECT_EQ(request->suffix, std::nullopt);
}

TEST(ParseRequest, KeepsAuthorization) {
    const auto request =
        parse_request("REGISTER rtsp://camera/stream RTSP/1.0\r\nCSeq: 1\r\n"
                      "Authorization: Digest username=\"a\"\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->authorization, "Digest username=\"a\"");
}

TEST(ParseRequest, ReadsTransportParametersInAnyOrderAndSpacing) {
    const auto request = parse_request(with_transport(
        ";Proxy_URL_Suffix = a ;; preferred_delivery_protocol=UDP;other=1; flag;REUSE_CONNECTION"));
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->suffix, "a");
    EXPECT_FALSE(request->interleaved);
    EXPECT_TRUE(request->reuse_connection);
}

TEST(ParseRequest, RefusesContradictoryTransports) {
    for (const char* value :
         {"proxy_url_suffix=a; proxy_url_suffix=b", "reuse_connection; reuse_connection",
          "reuse_connection=1", "preferred_delivery_protocol=carrier-pigeon",
          "preferred_delivery_protocol", "preferred_delivery_protocol="})
        EXPECT_FALSE(parse_request(with_transport(value))) << value;
}

TEST(ParseRequest, RefusesAMalformedRequestLine) {
    for (const char* line :
         {"REGISTER", "REGISTER rtsp://a/b", "REGISTER  RTSP/1.0", "REGISTER rtsp://a b RTSP/1.0",
          "REGISTER rtsp://a/b RTSP/2.0", "REGISTER rtsp://a/b HTTP/1.1",
          "register rtsp://a/b RTSP/1.0", "OPTIONS rtsp://a/b RTSP/1.0",
          "REGISTER rtsp://a/b RTSP/1.0 ", "REGISTER\trtsp://a/b RTSP/1.0"})
        EXPECT_FALSE(parse_request(std::string(line) + "\r\nCSeq: 1\r\n\r\n")) << line;
}

TEST(ParseRequest, RefusesDoubledMissingAndWrongHeaders) {
    const std::string line = "REGISTER rtsp://a/b RTSP/1.0\r\n";
    EXPECT_TRUE(parse_request(line + "CSeq: 4294967295\r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: one\r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: 4294967296\r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: 1\r\ncseq: 1\r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: 1\r\nTransport: \r\nTransport: \r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: 1\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: 1\r\nContent-Length: 5\r\n\r\n"));
    EXPECT_FALSE(parse_request(line + "CSeq: 1\r\nContent-Length: -1\r\n\r\n"));
}

TEST(ParseRequest, ErrorsDoNotRepeatTheUrl) {
    const auto request = parse_request("REGISTER rtsp://me:secret@a/b RTSP/9\r\nCSeq: 1\r\n\r\n");
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().message.find("secret"), std::string::npos);
}

TEST(FindCseq, FindsItInRequestsThatAreMalformedElsewhere) {
    EXPECT_EQ(find_cseq("REGISTER\r\nx\r\ncseq:\t12\r\n"), 12U);
    EXPECT_EQ(find_cseq("REGISTER\nCSeq: 3\n"), 3U);
    EXPECT_EQ(find_cseq("CSeq: x\r\nCSeq: 4\r\n"), std::nullopt);
    EXPECT_EQ(find_cseq("XCSeq: 3\r\n"), std::nullopt);
    EXPECT_EQ(find_cseq(""), std::nullopt);
}

TEST(CheckSuffix, AcceptsOnePathSegment) {
    for (const std::string& suffix : {std::string("a"), std::string("Garden-2.main_~"),
                                      std::string("..."), std::string(kMaxSuffixLength, 'x')})
        EXPECT_TRUE(check_suffix(suffix)) << suffix;
}

TEST(CheckSuffix, RefusesEverythingElse) {
    for (const std::string& suffix :
         {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("/a"),
          std::string("a b"), std::string("a%2fb"), std::string("a?b"), std::string("\xc3\xa4"),
          std::string("a\0b", 3), std::string(kMaxSuffixLength + 1, 'x')})
        EXPECT_FALSE(check_suffix(suffix)) << suffix;
}

} // namespace
} // namespace rtspproxy::registration
