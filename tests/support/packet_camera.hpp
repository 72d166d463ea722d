// A camera whose every packet a test writes: for RTP and RTCP as no well-behaved server sends them.
// Its RTSP is plain; each connection that plays has a thread of its own.
#pragma once

#include "tests/support/socket.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

using PacketBytes = std::vector<std::uint8_t>;

// The state of one RTP stream; packet() is the next one of it.
struct PacketStream {
    std::uint8_t payload_type = 96;
    std::uint32_t ssrc = 0x11223344;
    std::uint16_t sequence = 1000;
    std::uint32_t timestamp = 90000;

    PacketBytes packet(const PacketBytes& payload, bool marker = false);
};

// One packet of an H.264 picture, whose payload says its number.
[[nodiscard]] PacketBytes picture_payload(unsigned number, bool key_frame);

class PacketCamera {
  public:
    // Where a connection's packets go.
    class Sender {
      public:
        virtual ~Sender() = default;
        virtual void rtp(std::size_t track, const PacketBytes& packet) = 0;
        virtual void rtcp(std::size_t track, const PacketBytes& packet) = 0;
        // Where the proxy takes the track's RTP over UDP; 0 with TCP.
        [[nodiscard]] virtual std::uint16_t client_port(std::size_t track) const = 0;
    };
    struct Script {
        std::string media; // m= sections of the SDP, with "a=control:trackN", N from 0 on
        // Every 10 ms, in the connection's own thread, from its PLAY on.
        std::function<void(Sender&, unsigned step)> on_step;
        std::string source; // the address that UDP comes from and SETUP names; empty: 127.0.0.1
    };

    explicit PacketCamera(Script script);
    // Ends every connection.
    ~PacketCamera();
    PacketCamera(const PacketCamera&) = delete;
    PacketCamera& operator=(const PacketCamera&) = delete;

    [[nodiscard]] std::string url() const;
    // How often it was told to play.
    [[nodiscard]] unsigned plays() const { return plays_; }

  private:
    class Connection;
    void accept();

    const Script script_;
    Fd listening_;
    const std::uint16_t port_;
    std::atomic<unsigned> plays_{0};
    std::atomic<bool> stopping_{false};
    std::list<std::unique_ptr<Connection>> connections_; // of the accepting thread
    std::thread thread_;
};

inline constexpr const char* kPacketVideo = "m=video 0 RTP/AVP 96\r\n"
                                            "a=rtpmap:96 H264/90000\r\n"
                                            "a=fmtp:96 packetization-mode=1\r\n"
                                            "a=control:track0\r\n";
// PCMA, which it may leave for PCMU.
inline constexpr const char* kPacketAudio = "m=audio 0 RTP/AVP 8 0\r\n"
                                            "a=rtpmap:8 PCMA/8000\r\n"
                                            "a=rtpmap:0 PCMU/8000\r\n"
                                            "a=control:track1\r\n";

} // namespace rtspproxy::tests
