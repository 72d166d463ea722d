#include "app/backend/tap/interleaved_splitter.hpp"

#include "tests/unit/backend/tap/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace rtspproxy::backend::tests {
namespace {

using Kind = InterleavedSplitter::Piece::Kind;

struct Split {
    std::vector<Bytes> frames; // whole, with their headers
    std::vector<Bytes> messages;
    Bytes text; // of a message that is not complete
    Bytes stray;
    std::size_t left = 0; // bytes of a frame that is not complete
    bool broken = false;
};

// Gives the stream to a splitter in parts of `size` bytes, as a socket might.
Split split(const Bytes& stream, std::size_t size) {
    InterleavedSplitter splitter;
    Split result;
    Bytes held;
    for (std::size_t at = 0; at < stream.size(); at += size) {
        const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(at);
        held.insert(held.end(), begin,
                    begin + static_cast<std::ptrdiff_t>(std::min(size, stream.size() - at)));
        while (!held.empty() && !result.broken) {
            const auto piece = splitter.next(held);
            const auto end =
                held.begin() + static_cast<std::ptrdiff_t>(std::min(piece.length, held.size()));
            if (piece.kind == Kind::Incomplete)
                break;
            if (piece.kind == Kind::Broken)
                result.broken = true;
            else if (piece.kind == Kind::Frame)
                result.frames.emplace_back(held.begin(), end);
            else if (piece.kind == Kind::Stray)
                result.stray.insert(result.stray.end(), held.begin(), end);
            else if (piece.kind == Kind::Text)
                result.text.insert(result.text.end(), held.begin(), end);
            if (piece.ends)
                result.messages.push_back(std::exchange(result.text, {}));
            held.erase(held.begin(), end);
        }
    }
    result.left = held.size();
    return result;
}

const Bytes kFrame0 = frame(0, rtp_packet({.sequence = 1}));
const Bytes kFrame1 = frame(1, text("\r\n\r\n$$$RTSP/1.0"));
const Bytes kEmpty = frame(7, {});

struct Case {
    const char* name;
    const char* message;
};

class Messages : public ::testing::TestWithParam<Case> {};

// Cut anywhere, frames around the message are told and the message is whole.
TEST_P(Messages, AreToldFromFrames) {
    const Bytes message = text(GetParam().message);
    const Bytes stream = kFrame0 + message + kFrame1 + kEmpty + message + message + kFrame0;
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        const Split result = split(stream, size);
        ASSERT_EQ(result.frames, (std::vector<Bytes>{kFrame0, kFrame1, kEmpty, kFrame0})) << size;
        ASSERT_EQ(result.messages, (std::vector<Bytes>{message, message, message})) << size;
        ASSERT_TRUE(result.text.empty());
        ASSERT_EQ(result.left, 0U);
        ASSERT_FALSE(result.broken);
    }
}

INSTANTIATE_TEST_SUITE_P(
    , Messages,
    ::testing::Values(
        Case{"Plain", "RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n"},
        Case{"LineFeeds", "RTSP/1.0 200 OK\nCSeq: 5\n\n"},
        Case{"CarriageReturns", "RTSP/1.0 200 OK\rCSeq: 5\r\r"},
        Case{"Body", "RTSP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n$\1\1\1x\n"},
        Case{"BodyInOtherCase", "RTSP/1.0 200 OK\r\ncontent-LENGTH :\t 4\r\nA: $\r\n\r\n$$$$"},
        Case{"BodyFolded", "RTSP/1.0 200 OK\r\nContent-Length:\r\n 4\r\n\r\n$$$$"},
        Case{"BodyFirstOfTwo", "PLAY B C\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n$$"},
        Case{"BodyNone", "RTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
        Case{"LongerName", "RTSP/1.0 200 OK\r\nContent-Lengthy: 9\r\n\r\n"},
        Case{"Request", "ANNOUNCE * RTSP/1.0\r\nCSeq: $1\r\n\r\n"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(InterleavedSplitter, LineEndsBetweenMessagesMeanNothing) {
    const Bytes message = text("RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n");
    const Bytes stream =
        text("\r\n\r\n\n") + message + text("\r\n\n\r") + kFrame0 + text("\n") + message;
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        const Split result = split(stream, size);
        ASSERT_EQ(result.messages, (std::vector<Bytes>{message, message})) << size;
        ASSERT_EQ(result.frames, std::vector<Bytes>{kFrame0}) << size;
    }
}

// Nothing need follow for it to be complete.
TEST(InterleavedSplitter, CarriageReturnsEndAMessage) {
    InterleavedSplitter splitter;
    const auto piece = splitter.next(text("RTSP/1.0 200 OK\rCSeq: 5\r\r"));
    EXPECT_TRUE(piece.ends);
}

TEST(InterleavedSplitter, ABodyMayHoldNulBytes) {
    const Bytes message =
        text("RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n") + Bytes{'$', 0, 0, 0};
    const Split result = split(message + kFrame0, 3);
    EXPECT_EQ(result.messages, std::vector<Bytes>{message});
    EXPECT_EQ(result.frames, std::vector<Bytes>{kFrame0});
}

TEST(InterleavedSplitter, TellsHowLongAFrameWillBe) {
    InterleavedSplitter splitter;
    const Bytes bytes = frame(3, Bytes(65535, 1));
    EXPECT_EQ(splitter.next(std::span(bytes).first(3)).length, 4U);
    const auto piece = splitter.next(std::span(bytes).first(4));
    EXPECT_EQ(piece.kind, Kind::Incomplete);
    EXPECT_EQ(piece.length, 65539U);
    const auto whole = splitter.next(bytes);
    EXPECT_EQ(whole.kind, Kind::Frame);
    EXPECT_EQ(whole.channel, 3);
}

TEST(InterleavedSplitter, AHeadWithoutEndIsBroken) {
    const Bytes endless =
        text("RTSP/1.0 200 OK\r\nX: ") + Bytes(InterleavedSplitter::kMaxHead, 'x');
    EXPECT_TRUE(split(endless, 1000).broken);
    Bytes lines = text("RTSP/1.0 200 OK\r\n");
    while (lines.size() <= InterleavedSplitter::kMaxHead)
        lines = lines + text("Header: value\r\n");
    EXPECT_TRUE(split(lines, 1000).broken);
}

TEST(InterleavedSplitter, AHugeBodyIsBroken) {
    EXPECT_TRUE(split(text("RTSP/1.0 200 OK\r\nContent-Length: 1048577\r\n\r\n"), 10).broken ||
                split(text("RTSP/1.0 200 OK\r\nContent-Length: 1048577\r\n\r\nx"), 10).broken);
    EXPECT_TRUE(
        split(text("RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx"), 10).broken);
}

struct Skipped {
    const char* name;
    Bytes stray;
};

class Stray : public ::testing::TestWithParam<Skipped> {};

// Cut anywhere, what surrounds it is told.
TEST_P(Stray, IsSkipped) {
    const Bytes& stray = GetParam().stray;
    const Bytes message = text("RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n");
    const Bytes request = text("OPTIONS * RTSP/1.0\r\n\r\n");
    const Bytes stream = kFrame0 + stray + kFrame0 + stray + message + stray + request + stray +
                         kFrame0 + message + kFrame1;
    for (std::size_t size = 1; size <= stream.size(); ++size) {
        const Split result = split(stream, size);
        ASSERT_EQ(result.frames, (std::vector<Bytes>{kFrame0, kFrame0, kFrame0, kFrame1})) << size;
        ASSERT_EQ(result.messages, (std::vector<Bytes>{message, request, message})) << size;
        ASSERT_EQ(result.stray, stray + stray + stray + stray) << size;
        ASSERT_EQ(result.left, 0U);
        ASSERT_FALSE(result.broken);
    }
}

INSTANTIATE_TEST_SUITE_P(
    , Stray,
    ::testing::Values(Skipped{"OneByte", Bytes{0}},
                      Skipped{"Counting", Bytes{0, 1, 2, 3, 4, 5, 6, 7}},
                      Skipped{"Letters", text("RTS OPTION PLAY")},
                      Skipped{"OtherChannel", Bytes{0xff, '$', 9, 0, 2, 0x80, 96}},
                      Skipped{"NoRtp", Bytes{0xff, '$', 0, 0, 2, 0x40, 96}},
                      Skipped{"NoData", Bytes{0xff, '$', 0, 0, 0}},
                      Skipped{"LineEnds", text("x\r\n\r\n")}, Skipped{"Long", Bytes(100, 0xee)}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(InterleavedSplitter, BeforeTheFirstFrameAnyChannelWillDo) {
    const Split result = split(Bytes{1, 2, 3} + kFrame0, 4);
    EXPECT_EQ(result.frames, std::vector<Bytes>{kFrame0});
    EXPECT_EQ(result.stray, (Bytes{1, 2, 3}));
}

TEST(InterleavedSplitter, NothingButGarbageIsBroken) {
    const Bytes garbage(1000, 0xff);
    InterleavedSplitter splitter;
    std::size_t skipped = 0;
    while (skipped <= InterleavedSplitter::kMaxStray) {
        const auto piece = splitter.next(garbage);
        if (piece.kind == Kind::Broken)
            break;
        ASSERT_EQ(piece.kind, Kind::Stray);
        skipped += piece.length;
    }
    EXPECT_GT(skipped, InterleavedSplitter::kMaxStray - garbage.size());
    EXPECT_EQ(splitter.next(kFrame0).kind, Kind::Broken);
}

} // namespace
} // namespace rtspproxy::backend::tests
