#include "plugins/rtp/receiver_report.hpp"

#include "plugins/rtp/packet.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rtspproxy::rtp::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kStream = 0x11223344;
constexpr std::uint32_t kPlayer = 0xcafe;

Bytes operator+(Bytes one, const Bytes& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}
Bytes words(std::initializer_list<std::uint32_t> values) {
    Bytes bytes(4 * values.size());
    std::size_t at = 0;
    for (const std::uint32_t value : values) {
        write_u32(bytes, at, value);
        at += 4;
    }
    return bytes;
}
// A packet of the type with the count in its header.
Bytes packet(std::uint8_t type, std::size_t count, const Bytes& body) {
    Bytes bytes{static_cast<std::uint8_t>(0x80U | count), type, 0, 0};
    write_u16(bytes, 2, static_cast<std::uint16_t>(body.size() / 4));
    return bytes + body;
}
Bytes block(std::uint32_t ssrc, std::uint32_t loss = 0x1900'0007) {
    return words({ssrc, loss, 0x0001'fffe, 321, 0x12345678, 65536});
}
const ReportBlock kBlock{0x19, 7, 0x0001'fffe, 321, 0x12345678, 65536};

Bytes receiver_report(const Bytes& blocks = {}) {
    return packet(201, blocks.size() / 24, words({kPlayer}) + blocks);
}
Bytes sender_report(const Bytes& blocks = {}) {
    return packet(200, blocks.size() / 24, words({kPlayer, 1, 2, 3, 4, 5}) + blocks);
}
Bytes description() {
    return packet(202, 1, words({kPlayer}) + Bytes{1, 2, 'm', 'e', 0, 0, 0, 0});
}
Bytes padded(Bytes bytes, std::uint8_t padding) {
    bytes[0] |= 0x20U;
    bytes.resize(bytes.size() + padding);
    bytes.back() = padding;
    write_u16(bytes, 2, static_cast<std::uint16_t>(bytes.size() / 4 - 1));
    return bytes;
}

void expect_valid(const Bytes& bytes) {
    EXPECT_TRUE(read_receiver_report(bytes, kStream));
}
void expect_malformed(const Bytes& bytes) {
    EXPECT_FALSE(read_receiver_report(bytes, kStream));
}

TEST(ReceiverReportTest, SaysWhatItSaysOfTheStream) {
    for (const auto& compound :
         {receiver_report(block(kStream)), sender_report(block(kStream)),
          receiver_report(block(1) + block(kStream) + block(2)) + description(),
          receiver_report() + receiver_report(block(kStream))}) {
        const auto report = read_receiver_report(compound, kStream);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->reporter, kPlayer);
        EXPECT_EQ(report->block, kBlock);
    }
}

TEST(ReceiverReportTest, OfOtherStreamsItSaysNothing) {
    const auto report = read_receiver_report(receiver_report(block(1)), kStream);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->block);
}

TEST(ReceiverReportTest, LossesCanBeNegative) {
    const auto lost = [](std::uint32_t loss) {
        return read_receiver_report(receiver_report(block(kStream, loss)), kStream)->block->lost;
    };
    EXPECT_EQ(lost(0x00ff'ffff), -1);
    EXPECT_EQ(lost(0xff80'0000), -0x80'0000);
    EXPECT_EQ(lost(0xff7f'ffff), 0x7f'ffff);
}

TEST(ReceiverReportTest, IsFollowedByAnyOtherPackets) {
    expect_valid(receiver_report());
    expect_valid(receiver_report() + description() + packet(203, 1, words({kPlayer})));
    expect_valid(receiver_report() + packet(203, 0, {}));
    expect_valid(receiver_report() + packet(204, 0, words({kPlayer, 0x6e616d65})));
    expect_valid(receiver_report() + packet(206, 1, words({kPlayer, kStream}))); // PLI
    expect_valid(receiver_report() + packet(205, 1, words({kPlayer, kStream, 5})));
    expect_valid(receiver_report() + packet(207, 0, words({kPlayer}))); // XR
    expect_valid(receiver_report(block(kStream) + words({1, 2})));      // an extension
}

TEST(ReceiverReportTest, MustBeFirst) {
    expect_malformed(description());
    expect_malformed(description() + receiver_report());
    expect_malformed(packet(203, 1, words({kPlayer})));
}

TEST(ReceiverReportTest, MustFillThePacketExactly) {
    expect_malformed({});
    auto bytes = receiver_report(block(kStream)) + description();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        if (size != 32) // the report alone
            expect_malformed(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size)));
    bytes.push_back(0);
    expect_malformed(bytes);
}

TEST(ReceiverReportTest, MustHoldWhatItsHeaderCounts) {
    auto bytes = receiver_report(block(kStream));
    bytes[0] = 0x82;
    expect_malformed(bytes);
    expect_malformed(packet(200, 0, words({kPlayer, 1, 2, 3, 4})));
    expect_malformed(receiver_report() + packet(202, 1, words({kPlayer})));
    expect_malformed(receiver_report() + packet(203, 2, words({kPlayer})));
    expect_malformed(receiver_report() + packet(204, 0, words({kPlayer})));
    expect_malformed(receiver_report() + packet(206, 1, words({kPlayer})));
}

TEST(ReceiverReportTest, MustHaveVersionTwo) {
    auto bytes = receiver_report();
    bytes[0] = 0x40;
    expect_malformed(bytes);
    expect_malformed(receiver_report() + bytes);
}

TEST(ReceiverReportTest, MayBePaddedInItsLastPacketOnly) {
    const auto last = packet(203, 1, words({kPlayer}));
    expect_valid(receiver_report() + padded(last, 4));
    expect_valid(receiver_report() + padded(last, 8));
    expect_malformed(padded(receiver_report(), 4));
    expect_malformed(receiver_report() + padded(last, 4) + last);
    auto odd = receiver_report() + padded(last, 4);
    for (const std::uint8_t padding : Bytes{0, 3, 8, 12, 255}) { // 8 leaves no room for the source
        odd.back() = padding;
        expect_malformed(odd);
    }
}

} // namespace
} // namespace rtspproxy::rtp::tests
