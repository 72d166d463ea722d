#include "tests/bench/camera/packetizer.hpp"

#include "tests/bench/common/bytes.hpp"

#include <algorithm>
#include <array>

namespace rtspproxy::bench {
namespace {

constexpr std::uint8_t kStartBit = 0x80;
constexpr std::uint8_t kEndBit = 0x40;

// The bytes before each fragment: two (FU indicator, FU header) or three (RFC 7798 §4.4.3).
struct FragmentHeader {
    std::array<std::uint8_t, 3> bytes{};
    std::size_t size = 0;
    std::size_t nal_header = 0;
};

FragmentHeader fragment_header(Codec codec, std::span<const std::uint8_t> nal) {
    if (codec == Codec::H264) {
        constexpr unsigned kFragment = 28;
        return {{static_cast<std::uint8_t>((nal[0] & 0xE0U) | kFragment),
                 static_cast<std::uint8_t>(nal[0] & 0x1FU)},
                2,
                1};
    }
    constexpr unsigned kFragment = 49;
    return {{static_cast<std::uint8_t>((nal[0] & 0x81U) | kFragment << 1U), nal[1],
             static_cast<std::uint8_t>(nal[0] >> 1U & 0x3FU)},
            3,
            2};
}

} // namespace

std::span<std::uint8_t> write_rtp_header(RtpState& state, std::span<std::uint8_t> packet,
                                         bool marker) {
    packet[0] = 0x80;
    packet[1] = static_cast<std::uint8_t>((marker ? 0x80U : 0U) | state.payload_type);
    write_u16(packet, 2, state.next_sequence++);
    write_u32(packet, 4, state.timestamp);
    write_u32(packet, 8, state.ssrc);
    ++state.packets;
    state.octets += static_cast<std::uint32_t>(packet.size() - kRtpHeader);
    return packet.subspan(kRtpHeader);
}

void packetize(RtpState& state, PacketBatch& batch, Codec codec, std::span<const std::uint8_t> nal,
               bool last, std::size_t mtu) {
    const std::size_t room = mtu - kRtpHeader;
    if (nal.size() <= room) {
        const auto payload = write_rtp_header(state, batch.append(kRtpHeader + nal.size()), last);
        std::copy(nal.begin(), nal.end(), payload.begin());
        return;
    }
    FragmentHeader header = fragment_header(codec, nal);
    const std::uint8_t type = header.bytes[header.size - 1];
    nal = nal.subspan(header.nal_header);
    bool first = true;
    while (!nal.empty()) {
        const std::size_t size = std::min(nal.size(), room - header.size);
        const bool ends = size == nal.size();
        const auto payload =
            write_rtp_header(state, batch.append(kRtpHeader + header.size + size), last && ends);
        header.bytes[header.size - 1] =
            static_cast<std::uint8_t>(type | (first ? kStartBit : 0U) | (ends ? kEndBit : 0U));
        std::copy_n(header.bytes.begin(), header.size, payload.begin());
        std::copy_n(nal.begin(), size, payload.begin() + static_cast<std::ptrdiff_t>(header.size));
        nal = nal.subspan(size);
        first = false;
    }
}

} // namespace rtspproxy::bench
