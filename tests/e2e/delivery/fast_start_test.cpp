// Clients that join begin with the last key frame, and everything that they are told of it is true.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/ffmpeg.hpp"
#include "tests/support/process.hpp"
#include "tests/support/rtsp_player.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace rtspproxy::tests {
namespace {

// Six seconds from key frame to key frame: who begins with one got it from the proxy's memory.
class FastStart : public OutageTest {
  protected:
    FastStart() : OutageTest({"--audio", "--gop", "150"}) {}

    // Somebody watches, and the key frame that the camera begins with has come.
    void start(const std::vector<std::string>& arguments = {}) {
        start_proxy(Ingest::Tcp, arguments);
        start_viewers({"--transport", "tcp"}, 1);
    }
    // The parameters of the RTP-Info header, one map a track.
    static std::vector<std::map<std::string, std::string>> rtp_info(const RtspPlayer& player) {
        std::vector<std::map<std::string, std::string>> tracks;
        for (const auto& track : split(player.play_response().header("rtp-info"), ',')) {
            auto& parameters = tracks.emplace_back();
            for (const auto& parameter : split(track, ';')) {
                const auto equals = parameter.find('=');
                parameters[parameter.substr(0, equals)] = parameter.substr(equals + 1);
            }
        }
        return tracks;
    }
    static std::vector<std::string> split(const std::string& text, char separator) {
        std::vector<std::string> parts;
        std::size_t begin = 0;
        while (begin <= text.size()) {
            const auto end = std::min(text.find(separator, begin), text.size());
            parts.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        return parts;
    }
};

class FastStartOver : public FastStart, public testing::WithParamInterface<PlayerTransport> {};

TEST_P(FastStartOver, BeginsWithAKeyFrameWithoutGapOrDuplicate) {
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
    const auto told = rtp_info(player);
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

INSTANTIATE_TEST_SUITE_P(Delivery, FastStartOver,
                         testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_F(FastStart, ThroughAnHttpTunnel) {
    start();
    const auto pictures = decode_frames(proxy_->url(), "http", "0:v:0", 10);
    ASSERT_TRUE(pictures) << pictures.error().message;
    EXPECT_EQ(pictures->size(), 10U);
}

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

// PAUSE and PLAY: the client gets a key frame again, and its sequence numbers are those of the
// stream.
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
    ask("PLAY", proxy_->url(), {session});
    ASSERT_TRUE(
        eventually([&] { return connection->read_frames() && sequences.size() > at_pause + 20; }));
    EXPECT_EQ(sequences[at_pause], first); // the same key frame
    for (std::size_t i = at_pause + 1; i < sequences.size(); ++i)
        ASSERT_EQ(sequences[i], static_cast<std::uint16_t>(sequences[i - 1] + 1));
}

} // namespace
} // namespace rtspproxy::tests
