#include "tests/support/rtsp_message.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace rtspproxy::tests {
namespace {

TEST(RtspParser, TakesByteByByte) {
    constexpr char kBytes[] =
        "RTSP/1.0 404 Not Found\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc$\x01\x00\x02hi"
        "GET_PARAMETER * RTSP/1.0\r\nCSeq: 2\r\n\r\n";
    RtspParser parser;
    std::vector<RtspMessage> messages;
    for (const char byte : std::string_view(kBytes, sizeof kBytes - 1)) {
        parser.feed(&byte, 1);
        if (auto message = parser.next())
            messages.push_back(std::move(*message));
    }
    ASSERT_EQ(messages.size(), 3U);
    const auto& response = std::get<RtspResponse>(messages[0]);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.reason, "Not Found");
    EXPECT_EQ(response.header("cseq"), "1");
    EXPECT_EQ(response.body, "abc");
    const auto& frame = std::get<InterleavedFrame>(messages[1]);
    EXPECT_EQ(frame.channel, 1);
    EXPECT_EQ(frame.data, (std::vector<std::uint8_t>{'h', 'i'}));
    EXPECT_EQ(std::get<ServerRequest>(messages[2]).line, "GET_PARAMETER * RTSP/1.0");
}

TEST(RtspUrl, KnowsHostAndPort) {
    const auto plain = parse_rtsp_url("rtsp://example.org/a");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->host, "example.org");
    EXPECT_EQ(plain->port, 554);
    const auto ipv6 = parse_rtsp_url("rtsp://[::1]:8554/a?x=1");
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(ipv6->host, "::1");
    EXPECT_EQ(ipv6->port, 8554);
    EXPECT_FALSE(parse_rtsp_url("nonsense"));
}

} // namespace
} // namespace rtspproxy::tests
