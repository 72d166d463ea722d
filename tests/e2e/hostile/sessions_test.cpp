// Sessions in every order of requests: each request works or is refused with a code that says why;
// none is answered 200 and followed by silence.
#include "tests/e2e/hostile/bystanders.hpp"
#include "tests/e2e/outages/fixture.hpp"

#include "tests/support/rtsp_connection.hpp"
#include "tests/support/udp_receiver.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <memory>

namespace rtspproxy::tests {
namespace {

std::size_t resident_kilobytes(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;)
        if (std::size_t kilobytes = 0; word == "VmRSS:" && status >> kilobytes)
            return kilobytes;
    return 0;
}

std::string interleaved(int channel) {
    return "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(channel) + "-" +
           std::to_string(channel + 1);
}

// A player whose every request a test makes by itself.
class Player {
  public:
    explicit Player(const std::string& url) : url_(url), connection_(RtspConnection::connect(url)) {
        EXPECT_TRUE(connection_);
        connection_->on_frame([this](const InterleavedFrame& frame) { ++frames_[frame.channel]; });
    }

    // The status of the answer; 0: there was none.
    int ask(const std::string& method, const std::string& url,
            RtspConnection::Headers headers = {}) {
        if (!session_.empty())
            headers.push_back("Session: " + session_);
        auto response = connection_->request(method, url, headers);
        answer_ = response ? *response : RtspResponse{};
        return answer_.status;
    }
    int set_up(int track, const std::string& transport) {
        const int status = ask("SETUP", track_url(track), {"Transport: " + transport});
        if (status == 200)
            session_ = answer_.header("session");
        return status;
    }
    int play() { return ask("PLAY", url_); }
    // As if it were another connection's.
    void use_session(const std::string& session) { session_ = session; }
    [[nodiscard]] const std::string& session() const { return session_; }
    [[nodiscard]] const RtspResponse& answer() const { return answer_; }
    [[nodiscard]] std::string track_url(int track) const {
        return url_ + "/stream=" + std::to_string(track);
    }
    [[nodiscard]] const std::string& url() const { return url_; }

    // Waits for that many more frames on a channel.
    [[nodiscard]] bool wait_frames(int channel, std::size_t more = 20) {
        const auto enough = frames_.at(static_cast<std::size_t>(channel)) + more;
        return eventually([&] {
            return connection_->read_frames() &&
                   frames_.at(static_cast<std::size_t>(channel)) >= enough;
        });
    }
    [[nodiscard]] std::size_t frames(int channel) const {
        return frames_.at(static_cast<std::size_t>(channel));
    }

  private:
    const std::string url_;
    Result<RtspConnection> connection_;
    std::string session_;
    RtspResponse answer_;
    std::array<std::size_t, 256> frames_{};
};

class Sessions : public OutageTest {
  protected:
    explicit Sessions(std::vector<std::string> camera = {"--audio"})
        : OutageTest(std::move(camera)) {}
    void SetUp() override {
        start_proxy(Ingest::Tcp);
        start_viewers({}, 4);
    }
    void TearDown() override {
        ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
        expect_whole(*viewers_);
    }
    // Two ports of this player, whose packets are counted.
    class Ports {
      public:
        Ports() : port_(free_port()), rtp_(bind_udp("127.0.0.1", port_)) { EXPECT_TRUE(rtp_); }
        [[nodiscard]] std::string transport() const {
            return "RTP/AVP;unicast;client_port=" + std::to_string(port_) + "-" +
                   std::to_string(port_ + 1);
        }
        [[nodiscard]] bool wait_packets(int more = 20) const {
            return eventually([&] {
                std::array<char, 2048> packet{};
                while (recv(rtp_->get(), packet.data(), packet.size(), MSG_DONTWAIT) > 0)
                    --more;
                return more <= 0;
            });
        }

      private:
        std::uint16_t port_;
        Result<Fd> rtp_;
    };
};

TEST_F(Sessions, TakeTheFirstTransportThatIsToBeHad) {
    const Ports ports;
    Player tcp(proxy_->url());
    EXPECT_EQ(tcp.set_up(0, "RTP/AVP;multicast;client_port=31990-31991," + interleaved(0)), 200);
    EXPECT_EQ(tcp.play(), 200);
    EXPECT_TRUE(tcp.wait_frames(0));
    Player udp(proxy_->url());
    EXPECT_EQ(
        udp.set_up(0, "RTP/AVP;multicast, nonsense/1 ," + ports.transport() + "," + interleaved(0)),
        200);
    EXPECT_EQ(udp.play(), 200);
    EXPECT_TRUE(ports.wait_packets());
}

TEST_F(Sessions, AreRefusedWithoutATransport) {
    for (const char* transport :
         {"nonsense", "RTP/AVP;multicast", "RTP/AVP;unicast", "RTP/AVP;unicast;client_port=0-1",
          "RTP/AVP;unicast;client_port=70000-70001", "RTP/AVP;multicast,nonsense", ","}) {
        SCOPED_TRACE(transport);
        Player player(proxy_->url());
        EXPECT_EQ(player.set_up(0, transport), 461);
    }
}

TEST_F(Sessions, HaveTheChannelsOfTheirChoice) {
    for (const int channel : {0, 4, 76, 254}) {
        SCOPED_TRACE(channel);
        Player player(proxy_->url());
        ASSERT_EQ(player.set_up(0, interleaved(channel)), 200);
        EXPECT_NE(
            player.answer()
                .header("transport")
                .find("interleaved=" + std::to_string(channel) + "-" + std::to_string(channel + 1)),
            std::string::npos);
        ASSERT_EQ(player.play(), 200);
        EXPECT_TRUE(player.wait_frames(channel));
        EXPECT_TRUE(channel != 4 || player.wait_frames(channel + 1, 1)) << "RTCP";
    }
    // An even one and the next; the server chooses where a client asks for something else.
    for (const std::string channels : {"7-7", "1-2", "77-78", "0-3"}) {
        SCOPED_TRACE(channels);
        Player player(proxy_->url());
        ASSERT_EQ(player.set_up(0, "RTP/AVP/TCP;unicast;interleaved=" + channels), 200);
        EXPECT_NE(player.answer().header("transport").find("interleaved=0-1"), std::string::npos);
        ASSERT_EQ(player.play(), 200);
        EXPECT_TRUE(player.wait_frames(0));
    }
    Player none(proxy_->url());
    EXPECT_EQ(none.set_up(0, "RTP/AVP/TCP;unicast;interleaved=300-301"), 461);
}

// What they choose costs no memory, and there are not many of them on a connection.
TEST_F(Sessions, OfOneConnectionAreFew) {
    constexpr int kMost = 16;
    const auto before = resident_kilobytes(proxy_->process().pid());
    Player player(proxy_->url());
    for (int i = 0; i < kMost; ++i) {
        player.use_session("");
        ASSERT_EQ(player.set_up(0, interleaved(10 + 4 * i)), 200) << i;
        ASSERT_EQ(player.play(), 200) << i;
    }
    const auto last = player.session();
    player.use_session("");
    EXPECT_EQ(player.set_up(0, interleaved(200)), 453);
    for (int i = 0; i < kMost; ++i)
        EXPECT_TRUE(player.wait_frames(10 + 4 * i)) << i;
    EXPECT_LT(resident_kilobytes(proxy_->process().pid()), before + 10'000);
    player.use_session(last);
    EXPECT_EQ(player.ask("TEARDOWN", player.url()), 200);
    player.use_session("");
    EXPECT_EQ(player.set_up(0, interleaved(200)), 200) << "there is room again";
}

TEST_F(Sessions, ThatPlayKeepTheirTransport) {
    const Ports ports;
    Player player(proxy_->url());
    ASSERT_EQ(player.set_up(0, interleaved(0)), 200);
    ASSERT_EQ(player.play(), 200);
    ASSERT_TRUE(player.wait_frames(0));
    EXPECT_EQ(player.set_up(0, ports.transport()), 455);
    EXPECT_FALSE(player.answer().header("allow").empty());
    EXPECT_EQ(player.set_up(0, interleaved(6)), 455);
    EXPECT_TRUE(player.wait_frames(0)) << "it goes on";
    ASSERT_EQ(player.ask("PAUSE", player.url()), 200);
    EXPECT_EQ(player.set_up(0, ports.transport()), 200);
    EXPECT_EQ(player.play(), 200);
    EXPECT_TRUE(ports.wait_packets());
}

TEST_F(Sessions, ThatPlayMaySetUpOneMoreTrack) {
    Player tcp(proxy_->url());
    ASSERT_EQ(tcp.set_up(0, interleaved(0)), 200);
    ASSERT_EQ(tcp.play(), 200);
    ASSERT_TRUE(tcp.wait_frames(0));
    ASSERT_EQ(tcp.set_up(1, interleaved(2)), 200);
    ASSERT_EQ(tcp.play(), 200);
    EXPECT_NE(tcp.answer().header("rtp-info").find("stream=1"), std::string::npos);
    EXPECT_TRUE(tcp.wait_frames(2));
    EXPECT_TRUE(tcp.wait_frames(0));
    const Ports video, sound;
    Player udp(proxy_->url());
    ASSERT_EQ(udp.set_up(0, video.transport()), 200);
    ASSERT_EQ(udp.play(), 200);
    ASSERT_TRUE(video.wait_packets());
    ASSERT_EQ(udp.set_up(1, sound.transport()), 200);
    ASSERT_EQ(udp.play(), 200);
    EXPECT_TRUE(sound.wait_packets());
    EXPECT_TRUE(video.wait_packets());
}

TEST_F(Sessions, ThatPlayMayBeToldSoAgain) {
    Player player(proxy_->url());
    ASSERT_EQ(player.set_up(0, interleaved(0)), 200);
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(player.play(), 200) << i;
        EXPECT_TRUE(player.wait_frames(0)) << i;
    }
}

// Over TCP media leave by the connection of their SETUP.
TEST_F(Sessions, ArePlayedFromAnotherConnectionOverUdpOnly) {
    Player first(proxy_->url());
    ASSERT_EQ(first.set_up(0, interleaved(0)), 200);
    Player second(proxy_->url());
    second.use_session(first.session());
    EXPECT_EQ(second.play(), 455) << "its first request";
    ASSERT_EQ(first.play(), 200);
    EXPECT_TRUE(first.wait_frames(0));
    const Ports ports;
    Player udp(proxy_->url());
    ASSERT_EQ(udp.set_up(0, ports.transport()), 200);
    Player remote(proxy_->url());
    remote.use_session(udp.session());
    EXPECT_EQ(remote.play(), 200);
    EXPECT_TRUE(ports.wait_packets());
}

TEST_F(Sessions, AreNeededForPlay) {
    Player player(proxy_->url());
    EXPECT_EQ(player.play(), 454);
    player.use_session("none-such");
    EXPECT_EQ(player.play(), 454);
}

TEST_F(Sessions, OfOneTrackAreAskedByItsUrl) {
    Player player(proxy_->url());
    ASSERT_EQ(player.set_up(1, interleaved(2)), 200);
    EXPECT_EQ(player.ask("PLAY", player.track_url(0)), 460) << "this one is not set up";
    EXPECT_EQ(player.ask("PLAY", player.track_url(1)), 200);
    EXPECT_TRUE(player.wait_frames(2));
    EXPECT_EQ(player.ask("PAUSE", player.track_url(1)), 200);
    EXPECT_EQ(player.ask("PLAY", player.track_url(1)), 200);
    EXPECT_TRUE(player.wait_frames(2));
    EXPECT_EQ(player.ask("TEARDOWN", player.track_url(1)), 200);
}

TEST_F(Sessions, OfSeveralTracksAreAskedByTheirOwnUrl) {
    Player player(proxy_->url());
    ASSERT_EQ(player.set_up(0, interleaved(0)), 200);
    ASSERT_EQ(player.set_up(1, interleaved(2)), 200);
    for (const char* method : {"PLAY", "PAUSE", "TEARDOWN"})
        EXPECT_EQ(player.ask(method, player.track_url(0)), 460) << method;
    EXPECT_EQ(player.play(), 200);
    EXPECT_TRUE(player.wait_frames(0));
    EXPECT_TRUE(player.wait_frames(2));
}

// Of so many packets that what is kept for a client soon shows.
class SessionsOfManyPackets : public Sessions {
  protected:
    SessionsOfManyPackets() : Sessions({"--audio", "--bitrate", "16000000"}) {}
};

// Packets are kept for a client over UDP from before its PLAY on: not if that fails.
TEST_F(SessionsOfManyPackets, ThatFailToPlayLeaveNothing) {
    Player player(proxy_->url());
    const auto fail = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const int port = 20'000 + 2 * (i % 5000);
            ASSERT_EQ(player.set_up(0, "RTP/AVP;unicast;client_port=" + std::to_string(port) + "-" +
                                           std::to_string(port + 1)),
                      200);
            ASSERT_NE(player.ask("PLAY", player.url(), {"Scale: 0"}), 200);
        }
    };
    fail(100);
    const auto before = resident_kilobytes(proxy_->process().pid());
    fail(2500);
    // The picture group that is kept for clients may have grown to its 8 MiB meanwhile.
    EXPECT_LT(resident_kilobytes(proxy_->process().pid()), before + 24'000);
}

} // namespace
} // namespace rtspproxy::tests
