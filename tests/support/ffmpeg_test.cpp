#include "tests/support/ffmpeg.hpp"

#include "tests/support/material.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class Ffmpeg : public WatchedTest {};

TEST_F(Ffmpeg, ProbesTheStreamsOfAServer) {
    TestServer server;
    server.mount("/live", launch_line(h264_track(0), aac_track(1)));
    const auto streams = ffprobe_streams(server.url("/live"), "tcp");
    ASSERT_TRUE(streams) << streams.error().message;
    ASSERT_EQ(streams->size(), 2U);
    EXPECT_EQ(streams->at(0).at("codec_name"), "h264");
    EXPECT_EQ(streams->at(0).at("width"), "160");
    EXPECT_EQ(streams->at(1).at("codec_name"), "aac");
}

TEST_F(Ffmpeg, DecodesFramesThatAreNotAllAlike) {
    TestServer server;
    server.mount("/live", launch_line(h264_track(0)));
    const auto frames = decode_frames(server.url("/live"), "udp", "0:v:0", 20);
    ASSERT_TRUE(frames) << frames.error().message;
    EXPECT_EQ(frames->size(), 20U);
    EXPECT_GT(std::set<std::string>(frames->begin(), frames->end()).size(), 10U);
}

TEST_F(Ffmpeg, SaysWhyItFailed) {
    const auto streams =
        ffprobe_streams("rtsp://127.0.0.1:" + std::to_string(free_port()) + "/none", "tcp");
    ASSERT_FALSE(streams);
    EXPECT_NE(streams.error().message.find("refused"), std::string::npos)
        << streams.error().message;
}

TEST(LongestCommonRun, FindsIt) {
    EXPECT_EQ(longest_common_run({"a", "b", "c", "d"}, {"x", "b", "c", "y"}), 2U);
    EXPECT_EQ(longest_common_run({"a"}, {"b"}), 0U);
    EXPECT_EQ(longest_common_run({}, {"b"}), 0U);
}

} // namespace
} // namespace rtspproxy::tests
