// Which packets travel in one message: the kernel cuts it up again (UDP_SEGMENT, udp(7)), so the
// way through the network stack is paid once for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rtspproxy::fanout {

inline constexpr std::size_t kMaxSegments = 64;       // UDP_MAX_SEGMENTS of the oldest kernels
inline constexpr std::size_t kMaxMessageSize = 65000; // an IP packet, less the headers

// Packets that lie behind one another and leave as one message: all of size `segment`, but for the
// last one, which may be shorter.
struct Run {
    std::size_t offset = 0; // of the first byte
    std::size_t length = 0; // in bytes
    std::size_t first = 0;  // number of the first packet
    std::size_t packets = 0;
    std::uint16_t segment = 0;

    [[nodiscard]] bool segmented() const { return packets > 1; }
    bool operator==(const Run&) const = default;
};

// Splits packets of these sizes into runs, in order. Packets larger than `max_segment` are runs by
// themselves: with 0 each packet is. Empty packets are left out.
void split_runs(std::span<const std::size_t> sizes, std::size_t max_segment,
                std::vector<Run>& runs);

} // namespace rtspproxy::fanout
