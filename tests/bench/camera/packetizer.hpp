// Packetizer: NAL units to RTP packets (RFC 6184, RFC 7798; single NAL units and FU-A / FU).
#pragma once

#include "tests/bench/server/packet_batch.hpp"

#include <cstdint>
#include <span>

namespace rtspproxy::bench {

enum class Codec { H264, H265 };

// What an RTP sender continues from packet to packet.
struct RtpState {
    std::uint32_t ssrc = 0;
    std::uint16_t next_sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint8_t payload_type = 96;
    // For RTCP sender reports.
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
};

inline constexpr std::size_t kRtpHeader = 12;

// Writes an RTP header and counts the packet; returns the payload's place in `packet`.
std::span<std::uint8_t> write_rtp_header(RtpState& state, std::span<std::uint8_t> packet,
                                         bool marker);

// Appends the packets of one NAL unit (H.264 or H.265, header included). `last` sets the marker on
// the last one. No packet is longer than `mtu`.
void packetize(RtpState& state, PacketBatch& batch, Codec codec, std::span<const std::uint8_t> nal,
               bool last, std::size_t mtu);

} // namespace rtspproxy::bench
