// What goes in comes out: every packet of every codec, bit for bit, and the SDP that describes it.
#include "tests/e2e/proxy.hpp"
#include "tests/support/ffmpeg.hpp"
#include "tests/support/gst_player.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/sdp.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <ostream>

namespace rtspproxy::tests {
namespace {

constexpr std::size_t kPackets = 60;

struct Material {
    const char* name;
    std::string launch;
};
void PrintTo(const Material& material, std::ostream* stream) {
    *stream << material.name;
}

const Material kMaterials[] = {
    {"H264Aac", launch_line(h264_track(0), aac_track(1))},
    {"H265Opus", launch_line(h265_track(0), opus_track(1))},
    {"MjpegPcmu", launch_line(mjpeg_track(0), pcmu_track(1))},
    {"MpegTs", launch_line(mpegts_track(0))},
    {"Vp8PrivateMetadata",
     launch_line(vp8_track(0), private_track(1, "de"), private_track(2, "fr"), metadata_track(3))},
};

using Case = std::tuple<Material, PlayerTransport /*back end*/, PlayerTransport /*front end*/>;

class PassThrough : public WatchedTest, public ::testing::WithParamInterface<Case> {};

void expect_same_media(const TestServer& server, const std::string& served) {
    const auto response = rtsp_request("DESCRIBE", server.url("/live"));
    ASSERT_TRUE(response) << response.error().message;
    const auto offered = parse_sdp(response->body);
    EXPECT_EQ(parse_sdp(served), offered) << "served:\n"
                                          << to_string(parse_sdp(served)) << "offered:\n"
                                          << to_string(offered);
}

// The tracks that send something.
void expect_same_packets(TestServer& server, RtspPlayer& player) {
    const auto media = parse_sdp(player.sdp());
    for (std::size_t track = 0; track < media.size(); ++track) {
        if (media[track].type == "application")
            continue;
        ASSERT_TRUE(player.wait_packets(kPackets, track)) << "track " << track;
        const auto received = player.packets(track);
        const auto difference =
            find_difference(server.sent("/live", static_cast<unsigned>(track)), received);
        EXPECT_FALSE(difference) << "track " << track << ": " << *difference;
    }
}

TEST_P(PassThrough, KeepsEveryBitOfEveryPacket) {
    const auto& [material, back, front] = GetParam();
    TestServer server;
    server.mount("/live", material.launch);
    std::vector<std::string> arguments{server.url("/live")};
    if (back == PlayerTransport::Tcp)
        arguments.insert(arguments.begin(), "-t");
    Proxy proxy(arguments);
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url(), front);
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    expect_same_packets(server, player);
    expect_same_media(server, player.sdp());
    const auto transports = server.counts().transports;
    EXPECT_EQ(transports, std::vector<std::string>(player.tracks(),
                                                   back == PlayerTransport::Tcp ? "TCP" : "UDP"));
}

INSTANTIATE_TEST_SUITE_P(
    , PassThrough,
    ::testing::Combine(::testing::ValuesIn(kMaterials),
                       ::testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp),
                       ::testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp)),
    [](const auto& test) {
        return std::string(std::get<0>(test.param).name) + "_" +
               to_string(std::get<1>(test.param)) + "_to_" + to_string(std::get<2>(test.param));
    });

class Tracks : public WatchedTest {};

// Metadata often say nothing for a long time: neither may the others wait for them, nor may they be
// given up.
TEST_F(Tracks, ThatAreSilentHoldUpNothingAndSpeakLater) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0), metadata_track(1, 12s)));
    Proxy proxy({"-t", "--stall-timeout", "3", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(100));
    EXPECT_EQ(player.count(1), 0U);
    ASSERT_TRUE(player.wait_packets(20, 1, 30s));
    for (const unsigned track : {0U, 1U}) {
        const auto difference = find_difference(server.sent("/live", track), player.packets(track));
        EXPECT_FALSE(difference) << "track " << track << ": " << *difference;
    }
    EXPECT_EQ(server.counts().sessions_ever, 1);
}

TEST_F(Tracks, HaveSenderReports) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0), private_track(1)));
    Proxy proxy({server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer tcp(proxy.url(), PlayerTransport::Tcp);
    RtspPlayer udp(proxy.url(), PlayerTransport::Udp);
    ASSERT_TRUE(tcp.play().has_value());
    ASSERT_TRUE(udp.play().has_value());
    for (RtspPlayer* player : {&tcp, &udp})
        for (const std::size_t track : {0U, 1U})
            EXPECT_TRUE(eventually([&] { return player->rtcp_count(track) > 0; })) << track;
}

// RTP-Info (RFC 2326 §12.33) names the first packet that the client gets, or one before it.
TEST_F(Tracks, BeginWhereRtpInfoSays) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({"-t", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer first(proxy.url());
    ASSERT_TRUE(first.play().has_value());
    ASSERT_TRUE(first.wait_packets(30));
    RtspPlayer second(proxy.url());
    ASSERT_TRUE(second.play().has_value());
    ASSERT_TRUE(second.wait_packets(30));
    const auto info = second.play_response().header("rtp-info");
    const auto at = info.find("seq=");
    ASSERT_NE(at, std::string::npos) << info;
    const auto announced = static_cast<std::uint16_t>(std::stoul(info.substr(at + 4)));
    const auto distance = static_cast<std::uint16_t>(second.packets().front().sequence - announced);
    EXPECT_LE(distance, 30) << info << ", first packet: " << to_string(second.packets().front());
}

class GStreamerClient : public WatchedTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(GStreamerClient, GetsWhatWasSent) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({"-t", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    GstPlayer player(proxy.url(), GetParam());
    ASSERT_TRUE(player.wait_packets(kPackets)) << player.error().value_or("no error");
    EXPECT_EQ(player.encoding(0), "X-PRIVATE");
    const auto difference = find_difference(server.sent("/live"), player.packets());
    EXPECT_FALSE(difference) << *difference;
}

INSTANTIATE_TEST_SUITE_P(, GStreamerClient, ::testing::Values("tcp", "udp", "http"),
                         [](const auto& test) { return std::string(test.param); });

class FfmpegClient : public WatchedTest,
                     public ::testing::WithParamInterface<std::tuple<std::string, const char*>> {};

// Looks at the back end and through the proxy at the same time: both show the same pictures.
TEST_P(FfmpegClient, DecodesTheSamePictures) {
    constexpr int kFrames = 75;
    const auto& [codec, transport] = GetParam();
    TestServer server;
    server.mount("/live", launch_line(codec == "H264" ? h264_track(0) : h265_track(0)));
    Proxy proxy({"-t", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    auto direct = std::async(std::launch::async, decode_frames, server.url("/live"), "tcp", "0:v:0",
                             kFrames, 40s);
    const auto relayed = decode_frames(proxy.url(), transport, "0:v:0", kFrames, 40s);
    const auto original = direct.get();
    ASSERT_TRUE(relayed) << relayed.error().message;
    ASSERT_TRUE(original) << original.error().message;
    EXPECT_EQ(relayed->size(), std::size_t{kFrames});
    // Neither begins at the same picture, and neither need begin at a key frame.
    EXPECT_GE(longest_common_run(*original, *relayed), std::size_t{kFrames / 3});
}

INSTANTIATE_TEST_SUITE_P(, FfmpegClient,
                         ::testing::Combine(::testing::Values("H264", "H265"),
                                            ::testing::Values("tcp", "udp")),
                         [](const auto& test) {
                             return std::get<0>(test.param) + "_" + std::get<1>(test.param);
                         });

} // namespace
} // namespace rtspproxy::tests
