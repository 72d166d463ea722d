#include "app/backend/rtsp_source.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

TEST(PadNameTest, TellsTrackAndSource) {
    const auto name = PadName::parse("recv_rtp_src_3_4294967295_96");
    ASSERT_TRUE(name && name->source);
    EXPECT_EQ(name->track, 3U);
    EXPECT_EQ(name->source->ssrc, 4294967295U);
    EXPECT_EQ(name->source->payload_type, 96U);
}

TEST(PadNameTest, WithoutAManagerTheTrackOnly) {
    const auto name = PadName::parse("stream_2");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->track, 2U);
    EXPECT_FALSE(name->source);
}

TEST(PadNameTest, OthersAreNone) {
    EXPECT_FALSE(PadName::parse("sink_0"));
    EXPECT_FALSE(PadName::parse("recv_rtp_src_"));
    EXPECT_FALSE(PadName::parse(""));
}

} // namespace
} // namespace rtspproxy::backend::tests
