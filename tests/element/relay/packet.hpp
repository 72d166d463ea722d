// RTP packets, byte by byte.
#pragma once

#include "plugins/rtp/packet.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <vector>

namespace rtspproxy::tests {

using Bytes = std::vector<std::uint8_t>;

struct Packet {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
    Bytes payload{0x41, 0x9a}; // an H.264 slice that is no key frame
    std::uint32_t ssrc = 0xcafe;
    std::uint8_t payload_type = 96;

    bool operator==(const Packet&) const = default;
};

[[nodiscard]] Bytes bytes_of(const Packet& packet);
// What is read back from it: a packet without CSRCs, extension and padding.
[[nodiscard]] Packet packet_of(const Bytes& bytes);

[[nodiscard]] Ref<GstBuffer> buffer_of(const Bytes& bytes);
[[nodiscard]] Bytes bytes_of(GstBuffer* buffer);

// First payload bytes of H.264.
inline const Bytes kParameterSet{0x67, 0x42, 0x00, 0x1f};
inline const Bytes kKeySlice{0x65, 0x88};
inline const Bytes kSlice{0x41, 0x9a};

} // namespace rtspproxy::tests
