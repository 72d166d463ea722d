// FrameMark: the send time and number that every access unit of the bench camera carries, in a
// user_data_unregistered SEI message (H.264 Annex D, payload type 5), its first NAL unit.
#pragma once

#include "tests/bench/common/clock.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace rtspproxy::bench {

struct FrameMark {
    Nanoseconds sent = 0;     // CLOCK_MONOTONIC of the camera
    std::uint64_t number = 0; // counts the access units of one stream
};

// The SEI RBSP without the NAL unit header. It holds no zero byte, so it needs no escaping.
[[nodiscard]] std::vector<std::uint8_t> make_mark(const FrameMark& mark);
// `rbsp` starts after the NAL unit header; nothing if it is another SEI message.
[[nodiscard]] std::optional<FrameMark> find_mark(std::span<const std::uint8_t> rbsp);

} // namespace rtspproxy::bench
