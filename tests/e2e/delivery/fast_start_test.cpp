// Clients that join begin with the last key frame, and everything that they are told of it is true.
#include "tests/e2e/delivery/rtp_info.hpp"
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/ffmpeg.hpp"
#include "tests/support/process.hpp"
#include "tests/support/rtsp_player.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace rtspproxy::tests {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// Six seconds from key frame to key frame: who begins with one got it from the proxy's memory.
class FastStart : public OutageTest {
  protected:
    FastStart() : OutageTest({"--audio", "--gop", "150"}) {}

    // Somebody watches, and the key frame that the camera begins with has come.
    void start(const std::vector<std::string>& arguments = {}) {
        start_proxy(Ingest::Tcp, arguments);
        start_viewers({"--transport", "tcp"}, 1);
    }
};

class FastStartOver : public FastStart, public testing::WithParamInterface<PlayerTransport> {};

// Those that bench-swarm has.
class FastStartOfMany : public FastStartOver {};

TEST_P(FastStartOfMany, BeginsWithAKeyFrameWithoutGapOrDuplicate) {
    start();
    Swarm joining(proxy_->url(), {"--audio", "--transport", to_string(GetParam()), "--ramp", "20"},
                  20);
    ASSERT_TRUE(joining.wait_fed()) << joining.stats().dump();
    ASSERT_TRUE(joining.wait_key_frames()) << joining.stats().dump();
    ASSERT_TRUE(eventually([&] { return joining.stats().at("frames") >= 20 * 50; }));
    const auto seen = joining.stats();
    SCOPED_TRACE(seen.dump());
    EXPECT_EQ(seen.at("not_key_starts"), 0);
    for (const char* flaw : {"gaps", "duplicates", "reordered", "lost_frames", "repeated_frames",
                             "timestamps_back", "disconnects"})
        EXPECT_EQ(seen.at(flaw), 0) << flaw;
    viewers_->expect_unharmed();
}

TEST_P(FastStartOver, RtpInfoNamesTheFirstPacketOfEachTrack) {
    start();
    RtspPlayer player(proxy_->url(), GetParam());
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    ASSERT_EQ(player.tracks(), 2U);
    const auto told = rtp_info(player.play_response());
    ASSERT_EQ(told.size(), 2U);
    std::array<double, 2> start_seconds{};
    for (std::size_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(player.wait_packets(5, i));
        const auto first = player.packets(i).front();
        EXPECT_EQ(told[i].at("seq"), std::to_string(first.sequence));
        EXPECT_THAT(told[i].at("url"), testing::HasSubstr("stream=" + std::to_string(i)));
        // The times of both tracks name one moment, so the sound's is near its first packet.
        const auto time = static_cast<std::uint32_t>(std::stoul(told[i].at("rtptime")));
        const auto difference = static_cast<std::int32_t>(first.timestamp - time);
        start_seconds[i] = difference / (i == 0 ? 90000.0 : 8000.0);
    }
    EXPECT_EQ(start_seconds[0], 0);
    EXPECT_LT(std::abs(start_seconds[1]), 0.2);
}

TEST_P(FastStartOver, ADecoderHasNothingToComplainOf) {
    start();
    const Finished decoding =
        run({"ffmpeg", "-v", "warning", "-rtsp_transport", to_string(GetParam()), "-i",
             proxy_->url(), "-map", "0:v", "-frames:v", "30", "-f", "null", "-"});
    EXPECT_EQ(decoding.exit_code, 0);
    EXPECT_EQ(decoding.err, "");
}

// Right behind a key frame the next one is nearly six seconds away: who begins with one all the
// same was given it, and who does not had to take what came.
TEST_P(FastStartOver, ThePlayersFirstPictureIsAKeyFrameUnlessItDeclines) {
    start();
    const auto given = ffprobe_packet_flags(proxy_->url(), to_string(GetParam()), 3);
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_THAT(*given, ElementsAre(StartsWith("K"), StartsWith("_"), StartsWith("_")));
    const auto declined =
        ffprobe_packet_flags(proxy_->url() + "?faststart=0", to_string(GetParam()), 3);
    ASSERT_TRUE(declined) << declined.error().message;
    EXPECT_THAT(*declined, ElementsAre(StartsWith("_"), StartsWith("_"), StartsWith("_")));
}

TEST_F(FastStart, ThePlayersFirstPictureIsTheNextOneIfItIsTurnedOff) {
    start({"--no-fast-start"});
    const auto taken = ffprobe_packet_flags(proxy_->url(), "tcp", 3);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_THAT(*taken, ElementsAre(StartsWith("_"), StartsWith("_"), StartsWith("_")));
}

TEST_P(FastStartOver, RtpInfoNamesTheFirstPacketAlsoIfDeclined) {
    start();
    // Somebody over UDP already: what is sent to all of those comes to a new one, too.
    Swarm beside(proxy_->url(), {"--transport", "udp"}, 1);
    ASSERT_TRUE(beside.wait_fed()) << beside.stats().dump();
    for (int i = 0; i < 10; ++i) {
        SCOPED_TRACE(i);
        RtspPlayer player(proxy_->url() + "?faststart=0", GetParam());
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        const auto told = rtp_info(player.play_response());
        ASSERT_EQ(told.size(), player.tracks());
        for (std::size_t track = 0; track < told.size(); ++track) {
            ASSERT_TRUE(player.wait_packets(1, track));
            EXPECT_EQ(told[track].at("seq"), std::to_string(player.packets(track).front().sequence))
                << "track " << track;
        }
    }
}

const auto name_of = [](const auto& each) { return std::string(to_string(each.param)); };
INSTANTIATE_TEST_SUITE_P(Delivery, FastStartOver,
                         testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp,
                                         PlayerTransport::Http),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Delivery, FastStartOfMany,
                         testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp), name_of);

TEST_F(FastStart, CanBeDeclinedByAClient) {
    start();
    Swarm declining(proxy_->url() + "?faststart=0", {"--transport", "mixed"}, 4);
    ASSERT_TRUE(declining.wait_fed()) << declining.stats().dump();
    EXPECT_EQ(declining.stats().at("not_key_starts"), 4);
    Swarm others(proxy_->url() + "?faststart=1&x", {"--transport", "tcp"}, 4);
    ASSERT_TRUE(others.wait_fed()) << others.stats().dump();
    EXPECT_EQ(others.stats().at("not_key_starts"), 0);
}

TEST_F(FastStart, CanBeTurnedOff) {
    start_proxy(Ingest::Tcp, {"--no-fast-start"});
    start_viewers({"--transport", "tcp"}, 1);
    Swarm joining(proxy_->url(), {"--transport", "mixed"}, 4);
    ASSERT_TRUE(joining.wait_fed()) << joining.stats().dump();
    EXPECT_EQ(joining.stats().at("not_key_starts"), 4);
    viewers_->expect_unharmed();
}

// PAUSE and PLAY: the client gets a key frame again, RTP-Info names it, and its sequence numbers
// are those of the stream.
TEST_F(FastStart, AlsoAfterAPause) {
    start();
    auto connection = RtspConnection::connect(proxy_->url());
    ASSERT_TRUE(connection);
    std::vector<std::uint16_t> sequences;
    connection->on_frame([&](const InterleavedFrame& frame) {
        if (frame.channel == 0)
            sequences.push_back(static_cast<std::uint16_t>(frame.data[2] << 8 | frame.data[3]));
    });
    const auto ask = [&](const std::string& method, const std::string& url,
                         const RtspConnection::Headers& headers) {
        const auto response = connection->request(method, url, headers);
        EXPECT_TRUE(response && response->status == 200) << method;
        return response ? *response : RtspResponse{};
    };
    ask("DESCRIBE", proxy_->url(), {});
    auto session = ask("SETUP", proxy_->url() + "/stream=0",
                       {"Transport: RTP/AVP/TCP;unicast;interleaved=0-1"})
                       .header("session");
    session = "Session: " + session.substr(0, session.find(';'));
    ask("PLAY", proxy_->url(), {session});
    ASSERT_TRUE(eventually([&] { return connection->read_frames() && sequences.size() > 20; }));
    const auto first = sequences.front();
    ask("PAUSE", proxy_->url(), {session});
    const auto at_pause = sequences.size();
    EXPECT_FALSE(connection->receive(500ms)) << "something came while it paused";
    const auto told = rtp_info(ask("PLAY", proxy_->url(), {session}));
    ASSERT_TRUE(
        eventually([&] { return connection->read_frames() && sequences.size() > at_pause + 20; }));
    EXPECT_EQ(sequences[at_pause], first); // the same key frame
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].at("seq"), std::to_string(sequences[at_pause]));
    for (std::size_t i = at_pause + 1; i < sequences.size(); ++i)
        ASSERT_EQ(sequences[i], static_cast<std::uint16_t>(sequences[i - 1] + 1));
}

} // namespace
} // namespace rtspproxy::tests
