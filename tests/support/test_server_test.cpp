// The test servers and clients against each other, without a proxy: what they must be able to do
// before they can say anything about it.
#include "tests/support/test_server.hpp"

#include "tests/support/gst_player.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/sdp.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class TestServerTest : public WatchedTest {};

TEST_F(TestServerTest, CountsWhatItIsAsked) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    RtspPlayer player(server.url("/live"));
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    EXPECT_TRUE(player.wait_packets(10));
    EXPECT_EQ(server.sessions_now(), 1U);
    const auto done = player.teardown();
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_TRUE(eventually([&] { return server.sessions_now() == 0; })); // after the answer
    const auto counts = server.counts();
    EXPECT_EQ(counts.sessions_ever, 1);
    EXPECT_EQ(counts.transports, std::vector<std::string>{"TCP"});
    EXPECT_EQ(counts.methods.at("PLAY"), 1);
    EXPECT_EQ(counts.methods.at("TEARDOWN"), 1);
}

TEST_F(TestServerTest, AnswersUnknownPathWith404) {
    TestServer server;
    const auto response = rtsp_request("DESCRIBE", server.url("/none"));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 404);
}

struct Material {
    const char* name;
    std::string launch;
    std::vector<std::string> rtpmaps;
};

void PrintTo(const Material& material, std::ostream* stream) {
    *stream << material.name;
}

class EveryMaterial : public WatchedTest,
                      public ::testing::WithParamInterface<std::tuple<Material, PlayerTransport>> {
};

TEST_P(EveryMaterial, IsReceivedAsItWasSent) {
    const auto& [material, transport] = GetParam();
    TestServer server;
    server.mount("/live", material.launch);
    RtspPlayer player(server.url("/live"), transport);
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    const auto media = parse_sdp(player.sdp());
    ASSERT_EQ(media.size(), material.rtpmaps.size()) << player.sdp();
    for (std::size_t track = 0; track < media.size(); ++track) {
        EXPECT_EQ(media[track].rtpmap, material.rtpmaps[track]) << player.sdp();
        if (media[track].type == "application")
            continue;
        ASSERT_TRUE(player.wait_packets(30, track)) << material.rtpmaps[track];
        const auto received = player.packets(track);
        const auto difference =
            find_difference(server.sent("/live", static_cast<unsigned>(track)), received);
        EXPECT_FALSE(difference) << material.rtpmaps[track] << ": " << *difference;
    }
}

const Material kMaterials[] = {
    {"H264Aac",
     launch_line(h264_track(0), aac_track(1)),
     {"96 H264/90000", "97 MPEG4-GENERIC/48000/1"}},
    {"H265Opus", launch_line(h265_track(0), opus_track(1)), {"96 H265/90000", "97 OPUS/48000/2"}},
    {"MjpegPcmu", launch_line(mjpeg_track(0), pcmu_track(1)), {"26 JPEG/90000", "0 PCMU/8000"}},
    {"Vp8PrivateSilent",
     launch_line(vp8_track(0), private_track(1, "de"), metadata_track(2)),
     {"96 VP8/90000", "97 X-PRIVATE/90000", "98 VND.ONVIF.METADATA/90000"}},
    {"MpegTs", launch_line(mpegts_track(0)), {"33 MP2T/90000"}},
};

INSTANTIATE_TEST_SUITE_P(, EveryMaterial,
                         ::testing::Combine(::testing::ValuesIn(kMaterials),
                                            ::testing::Values(PlayerTransport::Tcp,
                                                              PlayerTransport::Udp)),
                         [](const auto& test) {
                             return std::string(std::get<0>(test.param).name) + "_" +
                                    to_string(std::get<1>(test.param));
                         });

TEST_F(TestServerTest, NamesTheLanguageOfATrack) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0, "de")));
    const auto response = rtsp_request("DESCRIBE", server.url("/live"));
    ASSERT_TRUE(response) << response.error().message;
    const auto media = parse_sdp(response->body);
    ASSERT_EQ(media.size(), 1U);
    EXPECT_EQ(media[0].lang, std::set<std::string>{"de"}) << response->body;
}

class EveryProtocol : public WatchedTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(EveryProtocol, PlaysInGStreamer) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    GstPlayer player(server.url("/live"), GetParam());
    ASSERT_TRUE(player.wait_packets(30)) << player.error().value_or("no error");
    EXPECT_EQ(player.encoding(0), "X-PRIVATE");
    const auto difference = find_difference(server.sent("/live"), player.packets());
    EXPECT_FALSE(difference) << *difference;
}

INSTANTIATE_TEST_SUITE_P(, EveryProtocol, ::testing::Values("tcp", "udp", "http"),
                         [](const auto& test) { return std::string(test.param); });

TEST_F(TestServerTest, ServesOnIpv6) {
    TestServer server({.address = "::1"});
    server.mount("/live", launch_line(private_track(0)));
    RtspPlayer player(server.url("/live"), PlayerTransport::Udp);
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    EXPECT_TRUE(player.wait_packets(10));
}

class EveryLogin : public WatchedTest, public ::testing::WithParamInterface<bool> {};

TEST_P(EveryLogin, IsAskedFor) {
    TestServer server({.user = "jane", .password = "secret", .digest = GetParam()});
    server.mount("/live", launch_line(private_track(0)));
    const auto refused = rtsp_request("DESCRIBE", server.url("/live"));
    ASSERT_TRUE(refused) << refused.error().message;
    EXPECT_EQ(refused->status, 401);
    EXPECT_EQ(refused->header("www-authenticate").substr(0, 6), GetParam() ? "Digest" : "Basic ");
    GstPlayer player(server.url("/live", "jane:secret@"), "tcp");
    EXPECT_TRUE(player.wait_packets(10)) << player.error().value_or("no error");
}

INSTANTIATE_TEST_SUITE_P(, EveryLogin, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Digest" : "Basic"; });

TEST_F(TestServerTest, SendsToAGroupOnLoopback) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.multicast = true});
    GstPlayer player(server.url("/live"), "udp-mcast");
    ASSERT_TRUE(player.wait_packets(30)) << player.error().value_or("no error");
    EXPECT_EQ(server.counts().transports, std::vector<std::string>{"UDP_MCAST"});
    const auto difference = find_difference(server.sent("/live"), player.packets());
    EXPECT_FALSE(difference) << *difference;
}

TEST_F(TestServerTest, CanSendNothingOverUdp) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.udp_black_hole = true});
    RtspPlayer udp(server.url("/live"), PlayerTransport::Udp);
    RtspPlayer tcp(server.url("/live"), PlayerTransport::Tcp);
    ASSERT_TRUE(udp.play().has_value());
    ASSERT_TRUE(tcp.play().has_value());
    EXPECT_TRUE(tcp.wait_packets(60));
    EXPECT_EQ(udp.count(), 0U);
}

} // namespace
} // namespace rtspproxy::tests
