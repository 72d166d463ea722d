// PacketBatch: packets copied behind one another, so that a run of them is one piece of memory,
// however many clients it is sent to. Keeps its memory for the next batch.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rtspproxy::fanout {

class PacketBatch {
  public:
    void clear() {
        sizes_.clear();
        length_ = 0;
    }
    // Room for one more packet, valid until the next call.
    [[nodiscard]] std::span<std::uint8_t> append(std::size_t size) {
        if (length_ + size > bytes_.size())
            bytes_.resize(2 * (length_ + size));
        sizes_.push_back(size);
        length_ += size;
        return std::span(bytes_).subspan(length_ - size, size);
    }

    [[nodiscard]] std::span<const std::uint8_t> bytes() const {
        return std::span(bytes_).first(length_);
    }
    [[nodiscard]] std::span<const std::size_t> sizes() const { return sizes_; }

  private:
    std::vector<std::uint8_t> bytes_; // longer than what is in use
    std::size_t length_ = 0;
    std::vector<std::size_t> sizes_;
};

// Copies one packet.
inline void append(PacketBatch& batch, GstBuffer* packet) {
    const gsize size = gst_buffer_get_size(packet);
    gst_buffer_extract(packet, 0, batch.append(size).data(), size);
}

} // namespace rtspproxy::fanout
