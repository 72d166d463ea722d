#include "app/delivery/access_unit.hpp"

#include "tests/unit/delivery/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rtspproxy::delivery::tests {
namespace {

TEST(AccessUnit, FramesEachPacketForTheExpectedChannel) {
    AccessUnit made(2, 22 + 23, 4);
    ASSERT_TRUE(made.add(packet(65535, 900, 10)));
    ASSERT_TRUE(made.add(packet(0, 900, 11)));
    const auto framed = made.framed();
    ASSERT_EQ(framed.size(), 4U + 22 + 4 + 23);
    EXPECT_EQ(framed[0], '$');
    EXPECT_EQ(framed[1], 4);
    EXPECT_EQ(framed[2] << 8 | framed[3], 22);
    EXPECT_EQ(framed[26], '$');
    EXPECT_EQ(framed[28] << 8 | framed[29], 23);
    EXPECT_EQ(made.first_sequence(), 65535);
    EXPECT_EQ(made.last_sequence(), 0);
    EXPECT_EQ(made.timestamp(), 900U);
    EXPECT_EQ(made.packets(), 2U);
    EXPECT_EQ(made.packet_bytes(), 45U);
    EXPECT_EQ(made.payload_bytes(), 21U);
}

TEST(AccessUnit, GivesThePacketsBack) {
    const auto made = unit(7, 90, {.packets = 3});
    std::uint16_t sequence = 7;
    made->for_each_packet([&](std::span<const std::uint8_t> bytes) {
        const auto expected = packet(sequence++, 90);
        EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end()));
    });
    EXPECT_EQ(sequence, 10);
}

// As those that a camera sent over TCP, on whatever channel.
TEST(AccessUnit, OfFramesDiffersInNothingFromOneOfPackets) {
    const auto copied = unit(65535, 900, {.packets = 3, .packet_size = 30, .channel = 4});
    const auto source = unit(65535, 900, {.packets = 3, .packet_size = 30, .channel = 9});
    std::vector<std::uint8_t> frames(source->framed().begin(), source->framed().end());
    int released = 0;
    {
        const AccessUnit made(frames, 4, AccessUnit::Keeper(&released, [](void* count) {
                                  ++*static_cast<int*>(count);
                              }));
        EXPECT_EQ(made.channel(), 4);
        EXPECT_EQ(made.framed().data(), frames.data()); // not copied
        EXPECT_TRUE(std::ranges::equal(made.framed(), copied->framed()));
        EXPECT_EQ(made.first_sequence(), 65535);
        EXPECT_EQ(made.last_sequence(), 1);
        EXPECT_EQ(made.timestamp(), 900U);
        EXPECT_EQ(made.packets(), 3U);
        EXPECT_EQ(made.packet_bytes(), copied->packet_bytes());
        EXPECT_EQ(made.payload_bytes(), 90U);
        EXPECT_EQ(released, 0);
    }
    EXPECT_EQ(released, 1);
}

TEST(AccessUnit, RefusesWhatDoesNotFit) {
    AccessUnit small(1, 22, 0);
    EXPECT_TRUE(small.add(packet(1, 0)));
    EXPECT_FALSE(small.add(packet(2, 0)));
    EXPECT_EQ(small.packets(), 1U);

    AccessUnit large(2, 200'000, 0);
    EXPECT_FALSE(large.add(packet(1, 0, 65'536)));
    EXPECT_FALSE(large.add(std::vector<std::uint8_t>(11, 0x80))); // shorter than an RTP header
    EXPECT_TRUE(large.add(packet(1, 0, 65'535 - 12)));
    EXPECT_EQ(large.packets(), 1U);
}

} // namespace
} // namespace rtspproxy::delivery::tests
