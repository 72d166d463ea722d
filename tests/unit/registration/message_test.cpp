#include "plugins/registration/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

using State = HeaderEnd::State;
using std::string_view_literals::operator""sv;

TEST(FindHeaderEnd, FindsTheBlankLineAndNothingBehindIt) {
    const HeaderEnd end = find_header_end("A B C\r\nD: e\r\n\r\nREGISTER x"sv);
    EXPECT_EQ(end.state, State::Complete);
    EXPECT_EQ(end.length, 15U);
}

TEST(FindHeaderEnd, EveryPrefixIsIncomplete) {
    constexpr std::string_view kMessage = "A B C\r\nD: e\r\n\r\n";
    for (std::size_t length = 0; length < kMessage.size(); ++length)
        EXPECT_EQ(find_header_end(kMessage.substr(0, length)).state, State::Incomplete) << length;
}

TEST(FindHeaderEnd, RefusesBareLineEndsAndControlCharacters) {
    EXPECT_EQ(find_header_end("A\nB: c\n\n"sv).state, State::Malformed);
    EXPECT_EQ(find_header_end("A\rB: c\r\n\r\n"sv).state, State::Malformed);
    EXPECT_EQ(find_header_end("A\0B"sv).state, State::Malformed);
    EXPECT_EQ(find_header_end("A\x7f"sv).state, State::Malformed);
}

TEST(FindHeaderEnd, LetsTabsAndHighBytesPass) {
    EXPECT_EQ(find_header_end("A\tB\xff\r\n\r\n"sv).state, State::Complete);
}

TEST(ParseHead, SplitsStartLineAndHeaders) {
    const auto head = parse_head("A B C\r\nD: e\r\nf:\t g h \r\nEmpty:\r\n\r\n");
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_EQ(head->start_line, "A B C");
    const std::vector<Header> headers(head->headers.begin(), head->headers.end());
    EXPECT_THAT(headers,
                testing::ElementsAre(Header{"D", "e"}, Header{"f", "g h"}, Header{"Empty", ""}));
}

TEST(ParseHead, FindsHeadersInAnyCase) {
    const auto head = parse_head("A\r\ncseq: 1\r\nCSEQ: 2\r\n\r\n");
    ASSERT_TRUE(head);
    ASSERT_NE(head->headers.find("CSeq"), nullptr);
    EXPECT_EQ(*head->headers.find("CSeq"), "1");
    EXPECT_EQ(head->headers.count("CSeq"), 2U);
    EXPECT_EQ(head->headers.find("CSe"), nullptr);
}

TEST(ParseHead, RefusesWhatIsNoHeader) {
    EXPECT_FALSE(parse_head("\r\n\r\n"));                // no start line
    EXPECT_FALSE(parse_head("A\r\nno colon\r\n\r\n"));   // no name
    EXPECT_FALSE(parse_head("A\r\n: value\r\n\r\n"));    // empty name
    EXPECT_FALSE(parse_head("A\r\nB : c\r\n\r\n"));      // white space before the colon
    EXPECT_FALSE(parse_head("A\r\nB: c\r\n d\r\n\r\n")); // folded
    EXPECT_FALSE(parse_head("A\r\nB: c\r\n"));           // no blank line
    EXPECT_FALSE(parse_head("A\r\nB: c\nD: e\r\n\r\n")); // bare line feed
}

TEST(ParseHead, BoundsTheNumberOfHeaders) {
    std::string text = "A\r\n";
    for (std::size_t i = 0; i < kMaxHeaders; ++i)
        text += "B: c\r\n";
    EXPECT_TRUE(parse_head(text + "\r\n"));
    EXPECT_FALSE(parse_head(text + "B: c\r\n\r\n"));
}

TEST(ParseNumber, TakesWholeNumbersUpToTheMaximum) {
    EXPECT_EQ(parse_number("0", 9), 0UL);
    EXPECT_EQ(parse_number("65535", 65535), 65535UL);
    EXPECT_EQ(parse_number("65536", 65535), std::nullopt);
    EXPECT_EQ(parse_number("99999999999999999999999", 65535), std::nullopt);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "1x", "0x1"})
        EXPECT_EQ(parse_number(text, 65535), std::nullopt) << text;
}

TEST(Text, ComparesAndTrims) {
    EXPECT_TRUE(equals_ignoring_case("CSeq", "cSEQ"));
    EXPECT_FALSE(equals_ignoring_case("CSeq", "CSeq2"));
    EXPECT_FALSE(equals_ignoring_case("[", "{")); // differ in the bit that letters' cases differ in
    EXPECT_EQ(trim(" \ta b\t "), "a b");
    EXPECT_EQ(trim(" \t"), "");
}

} // namespace
} // namespace rtspproxy::registration
