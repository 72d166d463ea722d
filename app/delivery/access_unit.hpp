// AccessUnit: the RTP packets that travel together, framed once (rtp/frames.hpp) for every client
// that gets them, so that a client costs one send() and no copy. It never changes once it is
// shared.
#pragma once

#include "plugins/rtp/frames.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace rtspproxy::delivery {

// Bytes and what keeps them: a part of something shared.
struct Piece {
    std::shared_ptr<const void> keeper;
    std::span<const std::uint8_t> bytes;
    // If the bytes are frames that leave by another channel than the one that is written in them.
    std::optional<std::uint8_t> channel = std::nullopt;
};

class AccessUnit;
using AccessUnitPtr = std::shared_ptr<const AccessUnit>;

class AccessUnit {
  public:
    using Keeper = std::unique_ptr<void, void (*)(void*)>;

    // Room for `packets` packets of `bytes` bytes together. `channel` is the one that most clients
    // are expected to use. Clients choose their channels, so the others must cost no memory: their
    // frame headers are made as they leave.
    AccessUnit(std::size_t packets, std::size_t bytes, std::uint8_t channel);
    // Of frames that a FrameRun can be made of, and that nobody else looks at any more: they are
    // taken as they are, but for their channel, and kept by `keeper`.
    AccessUnit(std::span<std::uint8_t> frames, std::uint8_t channel, Keeper keeper);
    AccessUnit(const AccessUnit&) = delete;
    AccessUnit& operator=(const AccessUnit&) = delete;

    // Before it is shared. What is no RTP packet, or does not fit into a frame (64 KiB) or into the
    // room left, is refused.
    bool add(std::span<const std::uint8_t> packet);
    // Whether a decoder can start here and whether there is a picture in it (see GopCache); when it
    // came, in monotonic nanoseconds.
    void mark(bool starts_picture_group, bool has_picture, std::uint64_t arrival);

    // any thread
    [[nodiscard]] std::span<const std::uint8_t> framed() const { return {data_, size_}; }
    [[nodiscard]] std::uint8_t channel() const { return channel_; }
    [[nodiscard]] std::size_t packets() const { return packets_; }
    // Of the RTP packets, with their headers; and of their payloads alone.
    [[nodiscard]] std::size_t packet_bytes() const {
        return size_ - rtp::kFrameHeaderSize * packets_;
    }
    [[nodiscard]] std::size_t payload_bytes() const { return payload_bytes_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::uint16_t first_sequence() const { return first_sequence_; }
    [[nodiscard]] std::uint16_t last_sequence() const { return last_sequence_; }
    [[nodiscard]] std::uint32_t timestamp() const { return timestamp_; }
    [[nodiscard]] bool starts_picture_group() const { return starts_picture_group_; }
    [[nodiscard]] bool has_picture() const { return has_picture_; }
    [[nodiscard]] std::uint64_t arrival() const { return arrival_; }

    // Without its frame header.
    [[nodiscard]] std::span<const std::uint8_t> last_packet() const {
        return {data_ + last_packet_, size_ - last_packet_};
    }
    // Calls function(span) for each packet, without its frame header.
    template <class Function>
    void for_each_packet(Function&& function) const {
        rtp::for_each_frame(std::span<const std::uint8_t>(data_, size_),
                            [&function](std::span<const std::uint8_t> frame) {
                                function(frame.subspan(rtp::kFrameHeaderSize));
                            });
    }

  private:
    void account(std::span<const std::uint8_t> bytes, const rtp::PacketView& packet);

    const std::size_t capacity_;
    const std::uint8_t channel_;
    const std::unique_ptr<std::uint8_t[]> own_;
    const Keeper keeper_; // of what is not its own
    std::uint8_t* const data_;
    std::size_t size_ = 0;
    std::size_t packets_ = 0;
    std::size_t payload_bytes_ = 0;
    std::size_t last_packet_ = 0; // where it begins
    std::uint16_t first_sequence_ = 0, last_sequence_ = 0;
    std::uint32_t timestamp_ = 0;
    bool starts_picture_group_ = false;
    bool has_picture_ = true;
    std::uint64_t arrival_ = 0;
};

} // namespace rtspproxy::delivery
