#include "app/backend/rtsp_source.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

TEST(TrackOfPad, ReadsTheNamesOfRtspsrcsPads) {
    EXPECT_EQ(track_of_pad("recv_rtp_src_3_4294967295_96"), 3U);
    EXPECT_EQ(track_of_pad("stream_2"), 2U); // without a manager
}

TEST(TrackOfPad, OthersAreNone) {
    for (const char* name : {"sink_0", "recv_rtp_src_", ""})
        EXPECT_FALSE(track_of_pad(name)) << name;
}

} // namespace
} // namespace rtspproxy::backend::tests
