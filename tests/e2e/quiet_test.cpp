// Ordinary use leaves no warning of GStreamer's behind, but those that it gives of itself.
#include "tests/e2e/outages/camera.hpp"
#include "tests/e2e/proxy.hpp"
#include "tests/support/gst_player.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace rtspproxy::tests {
namespace {

// What the libraries say in ordinary use whatever the proxy does, by a part of the line.
const std::vector<std::string> kOrdinary{
    // gst-rtsp-server, of each media that several clients share.
    "was prepared by other client",
    // gst-rtsp-server, of a player that comes before the camera is known.
    "pre signal returned error: Service Unavailable",
    // rtspsrc, when it is stopped in the middle of saying goodbye.
    "writev_bytes: Operation was cancelled",
    "receive interrupted",
    "send interrupted",
    "PAUSE interrupted",
    "error: Could not send message. (Received end-of-file)",
    // GstBin, of a pipeline with sinks that have nothing to configure.
    "did not really configure latency",
    // rtspsrc, when only the SDP was wanted.
    "No supported stream was found",
    "can't setup streaming from sdp",
    "gst_rtspsrc_open_from_sdp:<backend> setup failed",
    // gst-rtsp-server, when a player leaves.
    "writev_bytes: Error sending message",
    "tunnel lost",
};

// What rtspsrc says of a camera that goes, and of one that is gone.
const std::vector<std::string> kOutage{
    "The server closed the connection",
    "Could not receive message",
    "we are not connected",
    "failed to connect: ",
    "Could not connect to server",
    "Failed to connect",
    "can't get sdp",
    "failed to open stream",
};

bool holds_one_of(const std::string& line, const std::vector<std::string>& parts) {
    return std::ranges::any_of(
        parts, [&](const auto& part) { return line.find(part) != std::string::npos; });
}

class Quiet : public WatchedTest {
  protected:
    Quiet() : log_(std::filesystem::temp_directory_path() / ("quiet-" + std::to_string(getpid()))) {
        std::filesystem::remove(log_);
    }
    ~Quiet() override { std::filesystem::remove(log_); }

    void start(std::vector<std::string> arguments) {
        arguments.push_back(camera_.url());
        proxy_.emplace(arguments, log_.string());
    }
    // Of every level from WARNING on.
    [[nodiscard]] std::vector<std::string> warnings() const {
        std::vector<std::string> lines;
        std::ifstream file(log_);
        for (std::string line; std::getline(file, line);)
            lines.push_back(line);
        return lines;
    }
    void play(PlayerTransport transport) {
        RtspPlayer player(proxy_->url(), transport);
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        ASSERT_TRUE(player.wait_packets(30));
        EXPECT_TRUE(player.teardown().has_value());
    }
    void expect_quiet(const std::vector<std::string>& expected = {}) {
        EXPECT_EQ(proxy_->end(), 0);
        for (const auto& line : warnings()) {
            EXPECT_TRUE(holds_one_of(line, kOrdinary) || holds_one_of(line, expected)) << line;
        }
        const std::string err = proxy_->process().err();
        EXPECT_EQ(err.find("-WARNING **"), std::string::npos) << err;
        EXPECT_EQ(err.find("-CRITICAL **"), std::string::npos) << err;
    }

    const std::filesystem::path log_;
    Camera camera_{{"--audio"}};
    std::optional<Proxy> proxy_;
};

TEST_F(Quiet, WhilePlayersOfEachKindComeAndGo) {
    start({"--tcp"});
    ASSERT_TRUE(proxy_->wait_ready());
    for (int round = 0; round < 2; ++round) {
        play(PlayerTransport::Tcp);
        play(PlayerTransport::Udp);
    }
    expect_quiet();
}

TEST_F(Quiet, WithABackEndOverUdp) {
    start({});
    ASSERT_TRUE(proxy_->wait_ready());
    play(PlayerTransport::Tcp);
    play(PlayerTransport::Udp);
    expect_quiet();
}

TEST_F(Quiet, ButForTheOutageItself) {
    start({"--tcp"});
    ASSERT_TRUE(proxy_->wait_ready());
    RtspPlayer player(proxy_->url(), PlayerTransport::Udp);
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(30));
    camera_.kill();
    ASSERT_TRUE(proxy_->process().wait_err("back end lost: cannot connect"));
    const auto before = player.count();
    camera_.start();
    ASSERT_TRUE(player.wait_packets(before + 30));
    EXPECT_TRUE(player.teardown().has_value());
    expect_quiet(kOutage);
}

} // namespace
} // namespace rtspproxy::tests
