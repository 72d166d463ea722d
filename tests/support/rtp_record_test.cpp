#include "tests/support/rtp_record.hpp"

#include "tests/support/rtp_source_packet.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

std::vector<RtpRecord> make_records(const PacketShape& shape, std::uint64_t from,
                                    std::uint64_t to) {
    std::vector<RtpRecord> records;
    for (auto number = from; number < to; ++number)
        records.push_back(parse_rtp(make_packet(shape, number)).value());
    return records;
}

// Numbers that wrap on the way.
constexpr PacketShape kSent{.payload_type = 97,
                            .ssrc = 1,
                            .first_timestamp = 0xFFFFF000,
                            .first_sequence = 65530,
                            .burst = 3};
constexpr PacketShape kRelayed{
    .payload_type = 97, .ssrc = 77, .first_timestamp = 5, .first_sequence = 65000, .burst = 3};

TEST(RtpRecord, ReadsEveryPartOfTheHeader) {
    const auto packet = parse_rtp(make_packet(kSent, 5)); // padded, two CSRCs, two-byte extension
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->payload_type, 97);
    EXPECT_EQ(packet->sequence, 65535);
    EXPECT_EQ(packet->timestamp, 0xFFFFF000 + 3600);
    EXPECT_EQ(packet->ssrc, 1U);
    EXPECT_TRUE(packet->marker);
    EXPECT_EQ(packet->csrcs, (std::vector<std::uint32_t>{0xC5AC0005, 0xC5AC0006}));
    EXPECT_EQ(packet->extension.size(), 12U);
    EXPECT_EQ(packet->payload_size, 8U + 5 * 37 + 4);
    EXPECT_FALSE(parse_rtp(std::vector<std::uint8_t>(11)));
}

TEST(FindDifference, AcceptsAShiftedRun) {
    const auto sent = make_records(kSent, 0, 100);
    EXPECT_EQ(find_difference(sent, make_records(kSent, 20, 60)), std::nullopt);
    EXPECT_EQ(find_difference(sent, make_records(kRelayed, 20, 60)), std::nullopt);
}

TEST(FindDifference, SeesEveryChange) {
    const auto sent = make_records(kSent, 0, 100);
    const auto differs = [&sent](auto change) {
        auto received = make_records(kRelayed, 20, 60);
        change(received);
        return find_difference(sent, received).has_value();
    };
    EXPECT_TRUE(differs([](auto& packets) { packets.clear(); }));
    EXPECT_TRUE(differs([](auto& packets) { packets.erase(packets.begin() + 10); }));
    EXPECT_TRUE(differs([](auto& packets) { packets.insert(packets.begin() + 9, packets[9]); }));
    EXPECT_TRUE(differs([](auto& packets) { std::swap(packets[3], packets[4]); }));
    EXPECT_TRUE(differs([](auto& packets) { packets[7].ssrc = 78; }));
    EXPECT_TRUE(differs([](auto& packets) { ++packets[7].sequence; }));
    EXPECT_TRUE(differs([](auto& packets) { ++packets[39].timestamp; }));
}

TEST(FindDifference, SeesEveryBitOfAPacket) {
    for (std::uint64_t number = 0; number < 20; ++number) {
        auto bytes = make_packet(kSent, number);
        const auto before = parse_rtp(bytes);
        for (std::size_t at = 12; at < bytes.size(); ++at) {
            auto changed = bytes;
            changed[at] ^= 1U;
            const auto after = parse_rtp(changed);
            EXPECT_TRUE(!after || after->hash != before->hash) << number << ", byte " << at;
        }
        bytes[1] ^= 0x80U;
        EXPECT_NE(parse_rtp(bytes)->hash, before->hash);
    }
}

} // namespace
} // namespace rtspproxy::tests
