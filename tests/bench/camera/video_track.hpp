// VideoTrack: produces the access units of one stream and sends them to its players.
#pragma once

#include "tests/bench/camera/frame_clock.hpp"
#include "tests/bench/camera/impairment.hpp"
#include "tests/bench/camera/packetizer.hpp"
#include "tests/bench/camera/picture.hpp"
#include "tests/bench/camera/rtcp.hpp"
#include "tests/bench/server/fanout.hpp"

#include <cstdint>
#include <string>

namespace rtspproxy::bench {

struct VideoSettings {
    PictureFormat format;
    Codec codec = Codec::H264;
    double bit_rate = 2e6; // of RTP packets, bit/s
    unsigned group = 50;   // frames from key picture to key picture
    double key_ratio = 4;  // size of a key picture / size of another one
    std::size_t mtu = 1400;
    std::uint8_t payload_type = 96;
};

class VideoTrack {
  public:
    static constexpr std::uint32_t kClockRate = 90000;

    VideoTrack(UdpSender& udp, const VideoSettings& settings, Nanoseconds start,
               std::uint64_t seed);

    // Another encoder from the next access unit on, which is a key picture.
    void change(const VideoSettings& settings);
    // As if another sender had taken over: new SSRC, sequence number and timestamp.
    void change_source();

    [[nodiscard]] Nanoseconds due() const { return clock_.due(); }
    // Sends the access unit that is due, unless the track is stalled.
    void send_due(bool stalled);
    [[nodiscard]] SenderReport sender_report(Nanoseconds now, Nanoseconds skew) const;

    [[nodiscard]] std::string rtp_info() const;
    // The lines of the media section that depend on the codec.
    [[nodiscard]] std::string description() const;
    [[nodiscard]] const RtpState& rtp() const { return rtp_; }
    [[nodiscard]] std::uint64_t units() const { return units_; }
    [[nodiscard]] Fanout& fanout() { return fanout_; }
    [[nodiscard]] Impairment& impairment() { return impairment_; }

  private:
    [[nodiscard]] std::size_t next_size(bool key);
    void build_unit(bool key);
    void append_nal(Nal nal, bool last);

    Fanout fanout_;
    VideoSettings settings_;
    PictureEncoder encoder_;
    FrameClock clock_;
    Impairment impairment_;
    RtpState rtp_;
    std::uint32_t timestamp_base_ = 0;
    PacketBatch batch_;
    std::uint64_t units_ = 0;
    unsigned position_ = 0; // in the group
    double owed_ = 0;       // bytes that the bit rate still allows
};

} // namespace rtspproxy::bench
