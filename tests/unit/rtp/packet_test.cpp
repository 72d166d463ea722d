#include "plugins/rtp/packet.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <numeric>
#include <vector>

namespace rtspproxy::rtp::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A packet of version 2 with so many CSRCs, an extension of so many words (none if negative) and a
// payload of so many bytes.
Bytes packet(unsigned csrcs, int extension_words, std::size_t payload) {
    Bytes bytes{static_cast<std::uint8_t>(0x80U | csrcs),
                0xe0,
                0xab,
                0xcd,
                0x01,
                0x23,
                0x45,
                0x67,
                0x89,
                0xab,
                0xcd,
                0xef};
    bytes.resize(bytes.size() + std::size_t{4} * csrcs, 0xc5);
    if (extension_words >= 0) {
        bytes[0] |= 0x10U;
        const auto words = static_cast<unsigned>(extension_words);
        for (const unsigned byte : {0xbeU, 0xdeU, words >> 8, words & 0xffU})
            bytes.push_back(static_cast<std::uint8_t>(byte));
        bytes.resize(bytes.size() + std::size_t{4} * words, 0xee);
    }
    const std::size_t header = bytes.size();
    bytes.resize(header + payload);
    std::iota(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end(), std::uint8_t{1});
    return bytes;
}

TEST(PacketView, ReadsEveryFieldOfTheFixedHeader) {
    const Bytes bytes = packet(0, -1, 3);
    const auto view = PacketView::parse(bytes);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->marker());
    EXPECT_EQ(view->payload_type(), 0x60);
    EXPECT_EQ(view->sequence(), 0xabcd);
    EXPECT_EQ(view->timestamp(), 0x01234567U);
    EXPECT_EQ(view->ssrc(), 0x89abcdefU);
    EXPECT_EQ(Bytes(view->payload().begin(), view->payload().end()), (Bytes{1, 2, 3}));
}

TEST(PacketView, TellsMarkerAndPayloadTypeApart) {
    Bytes bytes = packet(0, -1, 0);
    for (const unsigned value : {0x00U, 0x7fU, 0x80U, 0xffU}) {
        bytes[1] = static_cast<std::uint8_t>(value);
        const auto view = PacketView::parse(bytes);
        ASSERT_TRUE(view);
        EXPECT_EQ(view->marker(), value >= 0x80U);
        EXPECT_EQ(view->payload_type(), value & 0x7fU);
    }
}

TEST(PacketView, FindsThePayloadBehindEveryHeader) {
    for (unsigned csrcs = 0; csrcs <= 15; ++csrcs)
        for (const int words : {-1, 0, 1, 2, 255, 256}) {
            const Bytes bytes = packet(csrcs, words, 5);
            const auto view = PacketView::parse(bytes);
            ASSERT_TRUE(view) << csrcs << " " << words;
            EXPECT_EQ(view->payload().size(), 5U) << csrcs << " " << words;
            EXPECT_EQ(view->payload().front(), 1) << csrcs << " " << words;
        }
}

TEST(PacketView, AnEmptyPayloadIsAPayload) {
    const Bytes bytes = packet(2, 1, 0);
    const auto view = PacketView::parse(bytes);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->payload().empty());
}

TEST(PacketView, PaddingStaysPartOfThePayload) {
    Bytes bytes = packet(0, -1, 4);
    bytes[0] |= 0x20U;
    bytes.back() = 200; // more padding than there are bytes: not ours to judge
    const auto view = PacketView::parse(bytes);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->payload().size(), 4U);
}

// Cut anywhere inside its header, no packet is read; from its header's end on, it is.
TEST(PacketView, RefusesWhatIsShorterThanItsHeader) {
    for (const auto& [csrcs, words] :
         {std::pair{0U, -1}, {1U, -1}, {15U, -1}, {0U, 0}, {0U, 3}, {3U, 2}}) {
        const Bytes whole = packet(csrcs, words, 4);
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            // A copy of its own, so that an address sanitizer sees every read beyond it.
            const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_EQ(PacketView::parse(cut).has_value(), size >= whole.size() - 4)
                << csrcs << " " << words << " " << size;
        }
    }
}

TEST(PacketView, RefusesAnExtensionThatEndsBeyondThePacket) {
    Bytes bytes = packet(0, 0, 100);
    bytes[14] = 0xff; // 65280 words
    EXPECT_FALSE(PacketView::parse(bytes));
    bytes[14] = 0;
    bytes[15] = 26; // one word too many
    EXPECT_FALSE(PacketView::parse(bytes));
    bytes[15] = 25;
    ASSERT_TRUE(PacketView::parse(bytes));
    EXPECT_TRUE(PacketView::parse(bytes)->payload().empty());
}

TEST(PacketView, RefusesOtherVersions) {
    Bytes bytes = packet(0, -1, 10);
    for (const unsigned version : {0U, 1U, 3U}) {
        bytes[0] = static_cast<std::uint8_t>(version << 6);
        EXPECT_FALSE(PacketView::parse(bytes)) << version;
    }
}

TEST(PacketBytes, AreReadAndWrittenBigEndian) {
    std::array<std::uint8_t, 8> bytes{};
    write_u16(bytes, 1, 0x1234);
    write_u32(bytes, 3, 0xfedcba98);
    EXPECT_EQ(bytes, (std::array<std::uint8_t, 8>{0, 0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98, 0}));
    EXPECT_EQ(read_u16(bytes, 1), 0x1234);
    EXPECT_EQ(read_u32(bytes, 3), 0xfedcba98U);
}

TEST(SequenceDistance, GoesTheShortWayRound) {
    EXPECT_EQ(sequence_distance(10, 13), 3);
    EXPECT_EQ(sequence_distance(13, 10), -3);
    EXPECT_EQ(sequence_distance(65535, 0), 1);
    EXPECT_EQ(sequence_distance(0, 65535), -1);
    EXPECT_EQ(sequence_distance(65000, 1000), 1536);
    EXPECT_EQ(sequence_distance(7, 7), 0);
    EXPECT_EQ(sequence_distance(0, 32767), 32767);
    EXPECT_EQ(sequence_distance(0, 32768), -32768);
}

TEST(TimestampDistance, GoesTheShortWayRound) {
    EXPECT_EQ(timestamp_distance(100, 3700), 3600);
    EXPECT_EQ(timestamp_distance(0xffffffffU, 0), 1);
    EXPECT_EQ(timestamp_distance(0, 0xffffffffU), -1);
    EXPECT_EQ(timestamp_distance(0, 0x80000000U), std::numeric_limits<std::int32_t>::min());
}

} // namespace
} // namespace rtspproxy::rtp::tests
