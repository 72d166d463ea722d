// What an RTP payload of H.264 (RFC 6184) or H.265 (RFC 7798) shows of its access unit.
#pragma once

#include "tests/bench/common/frame_mark.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::bench {

enum class VideoFormat { H264, H265, Unknown };

struct PayloadContent {
    bool key = false; // begins a key picture or carries parameter sets
    std::optional<FrameMark> mark;
};
[[nodiscard]] PayloadContent inspect_payload(VideoFormat format,
                                             std::span<const std::uint8_t> payload);

} // namespace rtspproxy::bench
