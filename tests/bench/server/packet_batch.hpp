// PacketBatch: the RTP packets of one access unit in one piece of memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rtspproxy::bench {

class PacketBatch {
  public:
    void clear() {
        bytes_.clear();
        sizes_.clear();
    }
    // A new packet of `size` bytes at the end, to be filled in before the next call.
    [[nodiscard]] std::span<std::uint8_t> append(std::size_t size) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + size);
        sizes_.push_back(static_cast<std::uint16_t>(size));
        return std::span(bytes_).subspan(at);
    }
    void append(std::span<const std::uint8_t> packet) {
        bytes_.insert(bytes_.end(), packet.begin(), packet.end());
        sizes_.push_back(static_cast<std::uint16_t>(packet.size()));
    }
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }
    [[nodiscard]] const std::vector<std::uint16_t>& sizes() const { return sizes_; }
    [[nodiscard]] std::size_t count() const { return sizes_.size(); }

  private:
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint16_t> sizes_;
};

} // namespace rtspproxy::bench
