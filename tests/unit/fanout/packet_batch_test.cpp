#include "plugins/fanout/packet_batch.hpp"

#include "plugins/support/ref.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace rtspproxy::fanout::tests {
namespace {

void append(PacketBatch& batch, std::size_t size, std::uint8_t fill) {
    std::ranges::fill(batch.append(size), fill);
}

TEST(PacketBatch, KeepsPacketsInOrderWhileItGrows) {
    PacketBatch batch;
    std::vector<std::uint8_t> expected;
    for (std::uint8_t i = 0; i < 100; ++i) {
        append(batch, 10U + i, i);
        expected.insert(expected.end(), 10U + i, i);
    }
    EXPECT_TRUE(std::ranges::equal(batch.bytes(), expected));
    EXPECT_EQ(batch.sizes().size(), 100U);
    EXPECT_EQ(batch.sizes()[99], 109U);
}

TEST(PacketBatch, BeginsAgain) {
    PacketBatch batch;
    append(batch, 1000, 1);
    batch.clear();
    EXPECT_TRUE(batch.bytes().empty());
    EXPECT_TRUE(batch.sizes().empty());
    append(batch, 2, 7);
    EXPECT_TRUE(std::ranges::equal(batch.bytes(), std::vector<std::uint8_t>{7, 7}));
}

TEST(PacketBatch, TakesBuffersInPieces) {
    const auto whole = Ref<GstBuffer>::adopt(
        gst_buffer_append(gst_buffer_new_memdup("ab", 2), gst_buffer_new_memdup("cde", 3)));
    PacketBatch batch;
    rtspproxy::fanout::append(batch, whole.get());
    EXPECT_TRUE(std::ranges::equal(batch.bytes(), std::string("abcde")));
    EXPECT_EQ(batch.sizes().size(), 1U);
}

TEST(PacketBatch, TakesEmptyPackets) {
    PacketBatch batch;
    EXPECT_TRUE(batch.append(0).empty());
    EXPECT_EQ(batch.sizes().size(), 1U);
}

} // namespace
} // namespace rtspproxy::fanout::tests
