#include "app/backend/exchange/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

using ::testing::ElementsAre;
using Header = Message::Header;

TEST(Message, IsReadAndWritten) {
    const std::string text = "SETUP rtsp://camera/1 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP\r\n"
                             "Content-Length: 4\r\n\r\nbody";
    const Message message = Message::parse(text);
    EXPECT_FALSE(message.is_answer());
    EXPECT_EQ(message.method, "SETUP");
    EXPECT_EQ(message.url, "rtsp://camera/1");
    EXPECT_THAT(message.headers, ElementsAre(Header{"CSeq", "3"}, Header{"Transport", "RTP/AVP"}));
    EXPECT_EQ(message.body, "body");
    EXPECT_EQ(message.text(), text);
}

TEST(Message, AnAnswerHasAStatus) {
    const Message message = Message::parse("RTSP/1.0 404 Stream Not Found\r\n\r\n");
    EXPECT_TRUE(message.is_answer());
    EXPECT_EQ(message.status, 404);
    EXPECT_EQ(message.reason, "Stream Not Found");
    EXPECT_EQ(message.text(), "RTSP/1.0 404 Stream Not Found\r\n\r\n");
    EXPECT_EQ(Message::answer(404, "Stream Not Found"), message);
}

struct Case {
    const char* name;
    const char* text;
};
class Sloppy : public ::testing::TestWithParam<Case> {};

TEST_P(Sloppy, IsReadAllTheSame) {
    EXPECT_EQ(Message::parse(GetParam().text).text(),
              "RTSP/1.0 200 OK\r\nCSeq: 2\r\nPublic: OPTIONS, PLAY\r\nContent-Length: 2\r\n\r\nab");
}

INSTANTIATE_TEST_SUITE_P(
    , Sloppy,
    ::testing::Values(
        Case{"LineFeeds", "RTSP/1.0 200 OK\nCSeq: 2\nPublic: OPTIONS, PLAY\n\nab"},
        Case{"CarriageReturns", "RTSP/1.0 200 OK\rCSeq: 2\rPublic: OPTIONS, PLAY\r\rab"},
        Case{"BlankLinesBefore",
             "\r\n\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nPublic: OPTIONS, PLAY\r\n\r\nab"},
        Case{"Blanks", "RTSP/1.0  200  OK \r\nCSeq :2\r\nPublic:\tOPTIONS, PLAY \r\n\r\nab"},
        Case{"Folded", "RTSP/1.0 200 OK\r\nCSeq:\r\n 2\r\nPublic: OPTIONS,\r\n\tPLAY\r\n\r\nab"},
        Case{"BlankLineWithin",
             "RTSP/1.0 200 OK\r\nCSeq: 2\r\n \r\nPublic: OPTIONS, PLAY\r\n\r\nab"},
        Case{"NoHeaders", "RTSP/1.0 200 OK\r\nwhat\r\n: x\r\nCSeq: 2\r\na b: c\r\nPublic: OPTIONS, "
                          "PLAY\r\n\r\nab"},
        Case{"OtherProtocols",
             "HTTP/1.1 200 OK\r\nCSeq: 2\r\nPublic: OPTIONS, PLAY\r\ncontent-length: 2\r\n\r\nab"},
        Case{"OtherCase", "rtsp/1.0 200 OK\r\nCSeq: 2\r\nPublic: OPTIONS, PLAY\r\n\r\nab"},
        Case{"ControlCharacters",
             "RTSP/1.0 200 OK\r\nCSeq: 2\r\nPublic: OPTIONS,\033PLAY\r\n\r\nab"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Message, OddStartLinesAreReadSomehow) {
    EXPECT_EQ(Message::parse("").status, 0);
    EXPECT_EQ(Message::parse("RTSP/1.0\r\n\r\n").status, 0);
    EXPECT_EQ(Message::parse("RTSP/1.0 99999999999 Big\r\n\r\n").status, 0);
    EXPECT_EQ(Message::parse("RTSP/1.0 200\r\n\r\n").status, 200);
    EXPECT_EQ(Message::parse("OPTIONS\r\n\r\n").text(), "OPTIONS * RTSP/1.0\r\n\r\n");
}

TEST(Message, FindsHeadersInAnyCase) {
    Message message = Message::parse("RTSP/1.0 200 OK\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n");
    ASSERT_NE(message.find("a"), nullptr);
    EXPECT_EQ(*message.find("a"), "1");
    EXPECT_EQ(message.find("c"), nullptr);
    EXPECT_EQ(message.value_or("b", "x"), "2");
    EXPECT_EQ(message.value_or("c", "x"), "x");
    message.set("a", "4");
    message.set("C", "5");
    EXPECT_THAT(message.headers, ElementsAre(Header{"A", "4"}, Header{"B", "2"}, Header{"C", "5"}));
    message.remove("b");
    EXPECT_THAT(message.headers, ElementsAre(Header{"A", "4"}, Header{"C", "5"}));
}

TEST(Message, HelpersCompareAndCount) {
    EXPECT_EQ(trim(" \ta b\t "), "a b");
    EXPECT_EQ(trim("  "), "");
    EXPECT_TRUE(equals_ignoring_case("CSeq", "cseq"));
    EXPECT_FALSE(equals_ignoring_case("CSeq", "cse"));
    EXPECT_TRUE(starts_ignoring_case("rtsp://x", "RTSP:"));
    EXPECT_FALSE(starts_ignoring_case("rt", "RTSP:"));
    EXPECT_EQ(parse_number("007"), 7U);
    EXPECT_EQ(parse_number("1234567890"), std::nullopt);
    EXPECT_EQ(parse_number("7x"), std::nullopt);
    EXPECT_EQ(parse_number("-7"), std::nullopt);
    EXPECT_EQ(parse_number(""), std::nullopt);
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
