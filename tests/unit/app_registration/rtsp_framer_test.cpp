#include "app/registration/rtsp_framer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace rtspproxy::registration_app {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

const std::string kFrame = "$\x00\x00\x05hello"s;
const std::string kEmptyFrame = "$\x01\x00\x00"s;
const std::string kRequest = "DESCRIBE rtsp://camera/ RTSP/1.0\r\nCSeq: 1\r\n\r\n";
const std::string kResponse = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";
const std::string kResponseWithBody =
    "RTSP/1.0 200 OK\r\nContent-length:  8 \r\nCSeq: 1\r\n\r\n$v=0\r\n\r\n";
const std::string kBareLineFeeds = "PLAY rtsp://camera/ RTSP/1.0\nCSeq: 2\n\n";

// The kinds of the messages in `stream`, when it comes in pieces of `size`. Frame: "$", request:
// its method, response: "R", each with its length.
std::vector<std::string> messages(const std::string& stream, std::size_t size) {
    RtspFramer framer;
    std::vector<std::string> found;
    std::size_t length = 0;
    for (std::size_t begin = 0; begin < stream.size(); begin += size) {
        const std::string piece = stream.substr(begin, size); // a copy, so that ASan sees its end
        for (std::string_view rest = piece; !rest.empty();) {
            const auto step = framer.step(rest);
            if (framer.failed() || step.length == 0 || step.length > rest.size())
                return {"failed"};
            length += step.length;
            rest.remove_prefix(step.length);
            EXPECT_EQ(step.complete, framer.at_boundary());
            if (!step.complete)
                continue;
            EXPECT_EQ(step.frame, framer.kind() == RtspFramer::Kind::Frame);
            found.push_back((framer.kind() == RtspFramer::Kind::Frame      ? "$"
                             : framer.kind() == RtspFramer::Kind::Response ? "R"
                                                                           : "") +
                            std::string(framer.method()) + std::to_string(length));
            length = 0;
        }
    }
    return found;
}

class RtspFramerTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(RtspFramerTest, FollowsAStreamHoweverItIsCut) {
    const std::string stream = kRequest + kFrame + kResponse + kEmptyFrame + kResponseWithBody +
                               "\r\n" + kBareLineFeeds + kFrame + kFrame;
    EXPECT_THAT(messages(stream, GetParam()), ElementsAre("DESCRIBE45", "$9", "R28", "$4", "R57",
                                                          "1", "1", "PLAY38", "$9", "$9"));
}

TEST_P(RtspFramerTest, KnowsTheLongestFrame) {
    const std::string frame = "$\x00\xff\xff"s + std::string(65535, '$');
    EXPECT_THAT(messages(frame + kFrame, GetParam()), ElementsAre("$65539", "$9"));
}

INSTANTIATE_TEST_SUITE_P(PieceLength, RtspFramerTest, ::testing::Values(1, 2, 3, 7, 64, 100'000));

TEST(RtspFramer, FailsForWhatIsNoRtsp) {
    const std::vector<std::string> streams{
        std::string(65 * 1024, 'x'),
        "RTSP/1.0 200 OK\r\nContent-Length: 1048577\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length: 1 1\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length:\r\n\r\n",
        "RTSP/1.0 200 OK\r\nCONTENT-LENGTH: 99999999999999999999\r\n\r\n",
    };
    for (const auto& stream : streams)
        EXPECT_THAT(messages(stream, stream.size()), ElementsAre("failed")) << stream.substr(0, 80);
}

TEST(RtspFramer, StaysFailed) {
    RtspFramer framer;
    (void)framer.step("x");
    (void)framer.step(std::string(65 * 1024, 'x'));
    ASSERT_TRUE(framer.failed());
    EXPECT_GT(framer.step(kFrame).length, 0U);
    EXPECT_TRUE(framer.failed());
    EXPECT_FALSE(framer.at_boundary());
}

} // namespace
} // namespace rtspproxy::registration_app
