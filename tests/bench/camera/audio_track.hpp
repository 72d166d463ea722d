// AudioTrack: G.711 μ-law silence (RFC 3551, payload type 0), a packet every 20 ms.
#pragma once

#include "tests/bench/camera/frame_clock.hpp"
#include "tests/bench/camera/packetizer.hpp"
#include "tests/bench/camera/rtcp.hpp"
#include "tests/bench/server/fanout.hpp"

#include <string>

namespace rtspproxy::bench {

class AudioTrack {
  public:
    static constexpr std::uint32_t kClockRate = 8000;

    AudioTrack(UdpSender& udp, Nanoseconds start);

    void change_source();
    [[nodiscard]] Nanoseconds due() const { return clock_.due(); }
    void send_due(bool stalled);
    [[nodiscard]] SenderReport sender_report(Nanoseconds now, Nanoseconds skew) const;
    [[nodiscard]] std::string rtp_info() const;
    [[nodiscard]] const RtpState& rtp() const { return rtp_; }
    [[nodiscard]] Fanout& fanout() { return fanout_; }

  private:
    Fanout fanout_;
    FrameClock clock_;
    RtpState rtp_;
    std::uint32_t timestamp_base_ = 0;
    PacketBatch batch_;
};

} // namespace rtspproxy::bench
