#include "plugins/rtp/frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace rtspproxy::rtp::tests {
namespace {

using ::testing::ElementsAre;

using Bytes = std::vector<std::uint8_t>;

Bytes frame(std::uint8_t channel, std::uint32_t timestamp, bool marker, std::size_t payload) {
    Bytes bytes(kFrameHeaderSize + kFixedHeaderSize + payload);
    write_frame_header(bytes, channel, kFixedHeaderSize + payload);
    bytes[4] = 0x80;
    bytes[5] = marker ? 0xe0 : 0x60;
    write_u32(bytes, 8, timestamp);
    return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

std::vector<std::size_t> sizes(const Bytes& frames, bool& whole) {
    std::vector<std::size_t> all;
    whole = for_each_frame(std::span(frames), [&all](std::span<const std::uint8_t> each) {
        EXPECT_EQ(frame_size(each), each.size());
        all.push_back(each.size());
    });
    return all;
}

TEST(Frames, AreToldFromPackets) {
    EXPECT_TRUE(is_framed(frame(0, 0, false, 0)));
    EXPECT_FALSE(is_framed(Bytes{0x80, 0x60}));
    EXPECT_FALSE(is_framed(Bytes{}));
}

TEST(Frames, AreVisitedInTurn) {
    bool whole = false;
    EXPECT_THAT(sizes(frame(3, 0, false, 5) + frame(0, 1, true, 300), whole), ElementsAre(21, 316));
    EXPECT_TRUE(whole);
    EXPECT_THAT(sizes({}, whole), ElementsAre());
    EXPECT_TRUE(whole);
}

TEST(Frames, WhatIsNoneEndsThem) {
    const Bytes good = frame(0, 0, false, 5);
    bool whole = true;
    EXPECT_THAT(sizes(good + Bytes{'R', 'T', 'S', 'P', '/'}, whole), ElementsAre(21));
    EXPECT_FALSE(whole);
    for (std::size_t length = 1; length < good.size(); ++length) {
        const Bytes part(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_THAT(sizes(good + part, whole), ElementsAre(21)) << length;
        EXPECT_FALSE(whole) << length;
    }
}

TEST(FrameRun, TellsWhatAGrouperWantsToKnow) {
    const auto run = FrameRun::parse(frame(0, 9000, false, 5) + frame(0, 9000, false, 0) +
                                     frame(0, 9000, true, 70));
    ASSERT_TRUE(run.has_value());
    EXPECT_EQ(run->packets, 3U);
    EXPECT_EQ(run->timestamp, 9000U);
    EXPECT_TRUE(run->marker);
    EXPECT_FALSE(FrameRun::parse(frame(0, 0, true, 5) + frame(0, 0, false, 5))->marker);
}

TEST(FrameRun, IsOfRtpPacketsOnly) {
    const Bytes good = frame(0, 0, false, 5);
    Bytes other = good;
    other[4] = 0x40; // version 1
    EXPECT_FALSE(FrameRun::parse({}).has_value());
    EXPECT_FALSE(FrameRun::parse(good + other).has_value());
    EXPECT_FALSE(FrameRun::parse(other + good).has_value());
    EXPECT_FALSE(FrameRun::parse(good + Bytes{'$'}).has_value());
    EXPECT_FALSE(FrameRun::parse(good + Bytes{'$', 0, 0, 0}).has_value()); // an empty frame
}

} // namespace
} // namespace rtspproxy::rtp::tests
