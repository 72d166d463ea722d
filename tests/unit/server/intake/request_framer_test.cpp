#include "app/server/intake/request_framer.hpp"

#include <gmock/gmock.h>

#include <array>
#include <vector>

namespace rtspproxy::server {
namespace {

using Piece = RequestFramer::Piece;
using Kind = Piece::Kind;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// All pieces of a stream that comes in parts of `part` bytes, up to the first refusal.
std::vector<Piece> pieces_of(const std::string& stream, std::size_t part, RequestFramer& framer) {
    std::vector<Piece> pieces;
    for (std::size_t begin = 0; begin < stream.size(); begin += part) {
        const std::string cut = stream.substr(begin, part);
        auto input = bytes_of(cut);
        while (!input.empty()) {
            auto piece = framer.next(input);
            if (piece.kind == Kind::Incomplete)
                continue;
            pieces.push_back(std::move(piece));
            if (pieces.back().kind == Kind::Refused)
                return pieces;
        }
    }
    return pieces;
}

// The same however the stream is cut; otherwise the test fails.
std::vector<Piece> pieces_of(const std::string& stream) {
    RequestFramer whole;
    const auto pieces = pieces_of(stream, stream.size() + 1, whole);
    for (const std::size_t part : {1, 2, 3, 7}) {
        RequestFramer framer;
        const auto again = pieces_of(stream, part, framer);
        EXPECT_EQ(again.size(), pieces.size()) << "in parts of " << part;
        for (std::size_t i = 0; i < again.size() && i < pieces.size(); ++i) {
            EXPECT_EQ(again[i].kind, pieces[i].kind);
            EXPECT_EQ(again[i].bytes, pieces[i].bytes);
            EXPECT_EQ(again[i].cookie, pieces[i].cookie);
            EXPECT_EQ(again[i].refusal, pieces[i].refusal);
        }
    }
    return pieces;
}

std::string only_message(const std::string& stream) {
    const auto pieces = pieces_of(stream);
    if (pieces.size() != 1 || pieces[0].kind != Kind::Message)
        return "(" + std::to_string(pieces.size()) + " pieces)";
    return pieces[0].bytes;
}

std::optional<Refusal> refusal_of(const std::string& stream) {
    const auto pieces = pieces_of(stream);
    if (pieces.empty() || pieces.back().kind != Kind::Refused)
        return std::nullopt;
    return pieces.back().refusal;
}

const std::string kOptions = "OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n";

TEST(RequestFramer, HandsOnARequestOnceItIsComplete) {
    EXPECT_EQ(only_message(kOptions), kOptions);
    for (std::size_t length = 1; length < kOptions.size() - 1; ++length)
        EXPECT_TRUE(pieces_of(kOptions.substr(0, length)).empty()) << length;
}

TEST(RequestFramer, TakesEachKindOfLineEnd) {
    EXPECT_EQ(only_message("OPTIONS rtsp://h/a RTSP/1.0\nCSeq: 1\n\n"), kOptions);
    EXPECT_EQ(only_message("OPTIONS rtsp://h/a RTSP/1.0\rCSeq: 1\r\r"), kOptions);
    EXPECT_EQ(only_message("OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\n\r\n"), kOptions);
    EXPECT_EQ(only_message("\r\n\n\rOPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n\r\n"), kOptions);
}

TEST(RequestFramer, WritesHeadersInOneWay) {
    EXPECT_EQ(only_message("OPTIONS \t rtsp://h/a  RTSP/1.0 \r\n CSeq: 7\r\nCSeq  :\t1 \r\n\r\n"
                           ""),
              "OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 7\r\nCSeq: 1\r\n\r\n");
    EXPECT_EQ(only_message("OPTIONS rtsp://h/a RTSP/1.0\r\nUser-Agent: a\r\n\tb\r\n  c\r\n \r\n"
                           "CSeq: 1\r\n\r\n"),
              "OPTIONS rtsp://h/a RTSP/1.0\r\nUser-Agent: a b c\r\nCSeq: 1\r\n\r\n");
}

TEST(RequestFramer, TakesTheBodyThatIsAnnounced) {
    const std::string start = "SET_PARAMETER rtsp://h/a RTSP/1.0\r\n";
    const std::string body("a\r\n\0b", 5);
    EXPECT_EQ(only_message(start + "content-length:  5\r\nCSeq: 2\r\n\r\n" + body),
              start + "CSeq: 2\r\nContent-Length: 5\r\n\r\n" + body);
    EXPECT_EQ(only_message(start + "Content-Length: 5\rCSeq: 2\r\r" + body),
              start + "CSeq: 2\r\nContent-Length: 5\r\n\r\n" + body);
    EXPECT_EQ(only_message(start + "Content-Length: 0\r\nCSeq: 2\r\n\r\n"),
              start + "CSeq: 2\r\n\r\n");
    EXPECT_TRUE(pieces_of(start + "Content-Length: 5\r\n\r\n" + body.substr(1)).empty());
    EXPECT_EQ(pieces_of(start + "Content-Length: 5\r\n\r\n" + body + kOptions).size(), 2U);
}

TEST(RequestFramer, HandsOnRequestsThatComeTogetherOneByOne) {
    const std::string frame("$\x01\x00\x04"
                            "abcd",
                            8);
    const auto pieces = pieces_of(kOptions + frame + "\r\n" + kOptions + std::string("$\0\0\0", 4));
    ASSERT_EQ(pieces.size(), 4U);
    EXPECT_EQ(pieces[0].bytes, kOptions);
    EXPECT_EQ(pieces[1].kind, Kind::Frame);
    EXPECT_EQ(pieces[1].bytes, frame);
    EXPECT_EQ(pieces[2].bytes, kOptions);
    EXPECT_EQ(pieces[3].bytes, std::string("$\0\0\0", 4));
}

TEST(RequestFramer, TakesResponsesToo) {
    EXPECT_EQ(only_message("RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n"),
              "RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n");
}

TEST(RequestFramer, FindsTheRequestsOfATunnel) {
    const auto pieces = pieces_of("GET /cam HTTP/1.0\r\nx-sessioncookie: c1\r\n"
                                  "Content-Length: 30000\r\n\r\n");
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_EQ(pieces[0].kind, Kind::TunnelGet);
    EXPECT_EQ(pieces[0].cookie, "c1");
    RequestFramer framer;
    const std::string post = "POST /cam HTTP/1.1\r\nX-SessionCookie: c1\r\n\r\nT1BU";
    auto input = bytes_of(post);
    const auto piece = framer.next(input);
    EXPECT_EQ(piece.kind, Kind::TunnelPost);
    EXPECT_EQ(piece.cookie, "c1");
    // A line feed behind the head means nothing in base64.
    EXPECT_EQ(std::string(input.begin(), input.end()), "\nT1BU");
}

TEST(RequestFramer, RefusesHttpThatIsNoTunnel) {
    EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), Refusal::PlainHttp);
    EXPECT_EQ(refusal_of("PUT / HTTP/1.1\r\nx-sessioncookie: c\r\n\r\n"), Refusal::PlainHttp);
    EXPECT_EQ(
        refusal_of("GET / HTTP/1.1\r\nx-sessioncookie: " + std::string(300, 'c') + "\r\n\r\n"),
        Refusal::PlainHttp);
}

TEST(RequestFramer, RefusesWhatIsNoRtspAtItsFirstLine) {
    for (const std::string stream : {"hello\r\n", "OPTIONS\n", "OPTIONS a b c\r\n", "\x80", "\x01",
                                     "{\"a\": 1}", "HTTP/1.1 200 OK\r\n", "OPTIONS a RTSP/1.0\x01"})
        EXPECT_EQ(refusal_of(stream), Refusal::Malformed) << stream;
}

TEST(RequestFramer, RefusesMalformedHeaders) {
    for (const std::string header :
         {"no colon", ": no name", "a\x01: b", "Content-Length: 5 ducks", "Content-Length: -1",
          "Content-Length:", "Content-Length: 1\r\nContent-Length: 2"})
        EXPECT_EQ(refusal_of("OPTIONS rtsp://h/a RTSP/1.0\r\n" + header + "\r\n\r\n"),
                  Refusal::Malformed)
            << header;
}

TEST(RequestFramer, BoundsHeadLineAndBody) {
    const std::string start = "OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 9\r\n";
    std::string lines;
    while (lines.size() + start.size() < kMaxRequestHead + 2)
        lines += "a: b\r\n";
    EXPECT_EQ(refusal_of(start + lines), Refusal::TooLong);
    EXPECT_EQ(refusal_of(start + "a: " + std::string(kMaxRequestLine, 'b')), Refusal::TooLong);
    EXPECT_EQ(
        refusal_of(start + "Content-Length: " + std::to_string(kMaxRequestBody + 1) + "\r\n\r\n"),
        Refusal::TooLong);
    EXPECT_EQ(refusal_of(start + "Content-Length: " + std::string(40, '9') + "\r\n\r\n"),
              Refusal::TooLong);
    const std::string body(kMaxRequestBody, 'b');
    EXPECT_TRUE(
        only_message(start + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)
            .ends_with("\r\n\r\n" + body));
}

TEST(RequestFramer, RemembersTheCseqOfWhatItRefuses) {
    RequestFramer framer;
    (void)pieces_of(kOptions + "OPTIONS a RTSP/1.0\r\nCSeq: 42\r\nbad\r\n\r\n", 5, framer);
    EXPECT_EQ(framer.cseq(), "42");
    EXPECT_EQ(provoking_message(Refusal::Malformed, "42"),
              "OPTIONS * RTSP/1.0\r\nCSeq: 42\r\n-\r\n\r\n");
    EXPECT_THAT(provoking_message(Refusal::TooLong, ""),
                testing::HasSubstr("RTSP/1.0\r\nContent-Length: 2"));
}

TEST(RequestFramer, LeavesTlsAloneAtTheBeginningOnly) {
    const std::string hello("\x16\x03\x01\x00\n\r\n\r\n$", 9);
    RequestFramer framer;
    std::string all;
    for (const auto& piece : pieces_of(hello, 3, framer)) {
        EXPECT_EQ(piece.kind, Kind::Opaque);
        all += piece.bytes;
    }
    EXPECT_EQ(all, hello);
    EXPECT_EQ(refusal_of(kOptions + hello), Refusal::Malformed);
}

} // namespace
} // namespace rtspproxy::server
