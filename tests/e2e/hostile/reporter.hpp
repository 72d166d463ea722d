// A player of one track that reports what it likes, and keeps watch of what it is sent.
#pragma once

#include "tests/support/rtsp_connection.hpp"
#include "tests/support/rtsp_player.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace rtspproxy::tests {

using Bytes = std::vector<std::uint8_t>;

// RTCP packets: of a receiver or sender that says nothing of the stream, and of its name.
[[nodiscard]] Bytes receiver_report(std::uint32_t ssrc);
[[nodiscard]] Bytes sender_report(std::uint32_t ssrc);
[[nodiscard]] Bytes description(std::uint32_t ssrc);
[[nodiscard]] Bytes goodbye(std::uint32_t ssrc);

class ReportingPlayer {
  public:
    // What came of the track so far.
    struct Seen {
        std::size_t packets = 0;
        std::size_t gaps = 0;
        std::size_t sender_reports = 0;
        std::size_t goodbyes = 0;
        std::set<std::uint32_t> ssrcs; // of packets and sender reports
    };

    explicit ReportingPlayer(std::string url, PlayerTransport transport = PlayerTransport::Tcp)
        : url_(std::move(url)), transport_(transport) {}
    ReportingPlayer(const ReportingPlayer&) = delete;
    ReportingPlayer& operator=(const ReportingPlayer&) = delete;

    // DESCRIBE, SETUP of the first track, PLAY. False: the test has failed.
    [[nodiscard]] bool play();
    // What SETUP said that the stream's SSRC is.
    [[nodiscard]] std::uint32_t announced_ssrc() const { return announced_ssrc_; }
    // Where it says that RTCP is awaited; over UDP.
    [[nodiscard]] std::uint16_t server_rtcp_port() const { return server_rtcp_port_; }

    // To where the track's RTCP, or its RTP, comes from. Over UDP from the port of the same kind.
    [[nodiscard]] bool send_rtcp(const Bytes& packet) { return send(packet, true); }
    [[nodiscard]] bool send_rtp(const Bytes& packet) { return send(packet, false); }
    // Reads what is there.
    const Seen& look();

  private:
    [[nodiscard]] bool setup();
    [[nodiscard]] bool send(const Bytes& packet, bool rtcp);
    void take_rtp(std::span<const std::uint8_t> packet);
    void take_rtcp(std::span<const std::uint8_t> packet);

    const std::string url_;
    const PlayerTransport transport_;
    std::optional<RtspConnection> connection_;
    std::string session_;
    Fd rtp_, rtcp_;
    std::uint32_t announced_ssrc_ = 0;
    std::uint16_t server_rtcp_port_ = 0;
    Seen seen_;
    std::optional<std::uint16_t> last_sequence_;
};

// From any socket to a UDP port of 127.0.0.1.
[[nodiscard]] bool send_datagram(const Fd& socket, std::uint16_t port, const Bytes& packet);

} // namespace rtspproxy::tests
