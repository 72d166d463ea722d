// Access units for the tests of delivery.
#pragma once

#include "app/delivery/access_unit.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace rtspproxy::delivery::tests {

inline constexpr std::uint64_t kMs = 1'000'000;

// An RTP packet whose payload is `size` bytes, all of them the low byte of its sequence number.
inline std::vector<std::uint8_t> packet(std::uint16_t sequence, std::uint32_t timestamp,
                                        std::size_t size = 10) {
    std::vector<std::uint8_t> bytes{0x80,
                                    96,
                                    static_cast<std::uint8_t>(sequence >> 8),
                                    static_cast<std::uint8_t>(sequence),
                                    static_cast<std::uint8_t>(timestamp >> 24),
                                    static_cast<std::uint8_t>(timestamp >> 16),
                                    static_cast<std::uint8_t>(timestamp >> 8),
                                    static_cast<std::uint8_t>(timestamp),
                                    1,
                                    2,
                                    3,
                                    4};
    bytes.resize(bytes.size() + size, static_cast<std::uint8_t>(sequence));
    return bytes;
}

struct UnitOptions {
    std::size_t packets = 1;
    std::size_t packet_size = 10; // of the payload
    bool starts = false;
    bool picture = true;
    std::uint64_t arrival = 0;
    std::uint8_t channel = 0;
};

inline std::shared_ptr<AccessUnit> unit(std::uint16_t sequence, std::uint32_t timestamp,
                                        const UnitOptions& options = {}) {
    auto made = std::make_shared<AccessUnit>(
        options.packets, options.packets * (options.packet_size + 12), options.channel);
    for (std::size_t i = 0; i < options.packets; ++i)
        made->add(packet(static_cast<std::uint16_t>(sequence + i), timestamp, options.packet_size));
    made->mark(options.starts, options.picture, options.arrival);
    return made;
}

} // namespace rtspproxy::delivery::tests
