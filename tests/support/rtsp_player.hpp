// A player that keeps every packet exactly as it came: no jitter buffer, no clock, one thread.
// Light enough for a test to run a hundred of them.
#pragma once

#include "tests/support/rtp_record.hpp"
#include "tests/support/rtsp_connection.hpp"

#include <atomic>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

// Http: TCP through a tunnel.
enum class PlayerTransport { Tcp, Udp, Http };
[[nodiscard]] const char* to_string(PlayerTransport transport);
void PrintTo(PlayerTransport transport, std::ostream* stream); // for GoogleTest

class RtspPlayer {
  public:
    // `request_url`: what the requests name, if not `url`, which is connected to.
    explicit RtspPlayer(std::string url, PlayerTransport transport = PlayerTransport::Tcp,
                        const std::string& request_url = "")
        : url_(std::move(url)), request_url_(request_url.empty() ? url_ : request_url),
          transport_(transport) {}
    // Closes the connection without a word.
    ~RtspPlayer();
    RtspPlayer(const RtspPlayer&) = delete;
    RtspPlayer& operator=(const RtspPlayer&) = delete;

    // DESCRIBE, SETUP of every track, PLAY; then receives until teardown() or disconnect().
    [[nodiscard]] Result<void> play();
    // Receives no more.
    [[nodiscard]] Result<void> pause();
    [[nodiscard]] Result<void> teardown();
    void disconnect();

    [[nodiscard]] const std::string& sdp() const { return sdp_; }
    [[nodiscard]] const RtspResponse& play_response() const { return play_response_; }
    [[nodiscard]] std::size_t tracks() const { return tracks_.size(); }
    [[nodiscard]] std::vector<RtpRecord> packets(std::size_t track = 0);
    [[nodiscard]] std::size_t count(std::size_t track = 0);
    // RTCP packets (compound ones count once).
    [[nodiscard]] std::size_t rtcp_count(std::size_t track = 0);
    [[nodiscard]] bool wait_packets(std::size_t count, std::size_t track = 0,
                                    Clock::duration patience = kPatience);
    // The server has not closed the connection.
    [[nodiscard]] bool connected() const { return connected_; }

  private:
    struct Track {
        std::string control;
        Fd rtp;
        Fd rtcp;
        PacketLog log;
        std::atomic<std::size_t> rtcp_count{0};
    };
    [[nodiscard]] Result<void> describe();
    [[nodiscard]] Result<void> setup(std::size_t index);
    [[nodiscard]] Result<std::string> transport_header(Track& track, std::size_t index) const;
    [[nodiscard]] Result<void> ask(const std::string& method);
    void take_frame(const InterleavedFrame& frame);
    void receive();
    void stop_receiving();

    std::string url_;
    std::string request_url_;
    PlayerTransport transport_;
    std::optional<RtspConnection> connection_;
    std::string base_url_;
    std::string sdp_;
    std::string session_;
    RtspResponse play_response_;
    std::vector<std::unique_ptr<Track>> tracks_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> connected_{false};
    std::thread thread_;
};

} // namespace rtspproxy::tests
