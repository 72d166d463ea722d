// Bytes as back ends send them.
#pragma once

#include "plugins/rtp/frames.hpp"
#include "plugins/rtp/packet.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::backend::tests {

using Bytes = std::vector<std::uint8_t>;

inline Bytes text(std::string_view characters) {
    return {characters.begin(), characters.end()};
}

inline Bytes frame(std::uint8_t channel, const Bytes& data) {
    Bytes bytes(rtp::kFrameHeaderSize);
    rtp::write_frame_header(bytes, channel, data.size());
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

struct Rtp {
    std::uint16_t sequence = 0;
    std::uint32_t ssrc = 0x1234;
    std::uint8_t payload_type = 96;
    std::size_t payload = 20;
    std::uint32_t timestamp = 9000;
    bool marker = false;
};

inline Bytes rtp_packet(const Rtp& fields) {
    Bytes bytes(rtp::kFixedHeaderSize + fields.payload, 0x5a);
    bytes[0] = 0x80;
    bytes[1] = static_cast<std::uint8_t>(fields.payload_type | (fields.marker ? 0x80U : 0U));
    rtp::write_u16(bytes, 2, fields.sequence);
    rtp::write_u32(bytes, 4, fields.timestamp);
    rtp::write_u32(bytes, 8, fields.ssrc);
    return bytes;
}

inline Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

} // namespace rtspproxy::backend::tests
