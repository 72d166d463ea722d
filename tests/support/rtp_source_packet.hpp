// The packets of testrtpsrc.
#pragma once

#include <cstdint>
#include <vector>

namespace rtspproxy::tests {

struct PacketShape {
    std::uint8_t payload_type = 96;
    std::uint32_t ssrc = 0;
    std::uint32_t first_timestamp = 0;
    std::uint16_t first_sequence = 0;
    // Between two access units, in units of the clock rate.
    std::uint32_t timestamp_step = 3600;
    // Packets an access unit.
    std::uint32_t burst = 1;
    // No CSRCs, header extensions and padding.
    bool plain = false;
};

// The packet with that number, counted from 0.
[[nodiscard]] std::vector<std::uint8_t> make_packet(const PacketShape& shape, std::uint64_t number);

} // namespace rtspproxy::tests
