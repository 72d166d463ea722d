// Frames: RTP packets behind each other in one piece of memory, each after the four bytes that
// interleave it into an RTSP connection (RFC 2326 §10.12): '$', channel, length. No RTP packet
// begins with '$', so that who is given either can tell.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::rtp {

inline constexpr std::size_t kFrameHeaderSize = 4;
inline constexpr std::size_t kMaxFramed = 0xffff; // bytes of what a frame holds

[[nodiscard]] inline bool is_framed(std::span<const std::uint8_t> bytes) {
    return !bytes.empty() && bytes[0] == '$';
}
// Of the frame whose header these bytes begin with, the header included.
[[nodiscard]] inline std::size_t frame_size(std::span<const std::uint8_t> header) {
    return kFrameHeaderSize + read_u16(header, 2);
}
inline void write_frame_header(std::span<std::uint8_t> frame, std::uint8_t channel,
                               std::size_t length) {
    frame[0] = '$';
    frame[1] = channel;
    write_u16(frame, 2, static_cast<std::uint16_t>(length));
}

// Calls function(frame), header included, for each frame from the first on. False: there was
// something else at last, or only a part of a frame.
template <class Byte, class Function>
bool for_each_frame(std::span<Byte> frames, Function&& function) {
    while (frames.size() >= kFrameHeaderSize && is_framed(frames)) {
        const std::size_t size = frame_size(frames);
        if (size > frames.size())
            return false;
        function(frames.first(size));
        frames = frames.subspan(size);
    }
    return frames.empty();
}

// Frames that hold an RTP packet each: what a grouper of access units wants to know of them.
struct FrameRun {
    std::size_t packets = 0;
    std::uint32_t timestamp = 0; // this and what follows: of the first
    std::uint32_t ssrc = 0;
    std::uint8_t payload_type = 0;
    bool marker = false; // of the last

    [[nodiscard]] static FrameRun of(const PacketView& packet) {
        return {1, packet.timestamp(), packet.ssrc(), packet.payload_type(), packet.marker()};
    }

    // Nothing if there is anything else in `frames`.
    [[nodiscard]] static std::optional<FrameRun> parse(std::span<const std::uint8_t> frames) {
        FrameRun run;
        bool sound = true;
        const bool whole = for_each_frame(frames, [&](std::span<const std::uint8_t> frame) {
            const auto packet = PacketView::parse(frame.subspan(kFrameHeaderSize));
            sound = sound && packet;
            if (!sound)
                return;
            if (run.packets == 0)
                run = {0, packet->timestamp(), packet->ssrc(), packet->payload_type(), false};
            ++run.packets;
            run.marker = packet->marker();
        });
        return whole && sound && run.packets > 0 ? std::optional(run) : std::nullopt;
    }
};

} // namespace rtspproxy::rtp
