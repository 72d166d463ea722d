// BitWriter: the bit syntax of H.264 (ITU-T H.264 §7.2, §9.1).
#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace rtspproxy::bench {

class BitWriter {
  public:
    void bits(std::uint32_t value, unsigned count) {
        for (unsigned i = count; i > 0; --i) {
            current_ = static_cast<std::uint8_t>(static_cast<unsigned>(current_) << 1U |
                                                 (value >> (i - 1) & 1U));
            if (++filled_ == 8)
                flush();
        }
    }
    void flag(bool value) { bits(value ? 1 : 0, 1); }
    // ue(v): unsigned Exp-Golomb.
    void unsigned_golomb(std::uint32_t value) {
        const auto length = static_cast<unsigned>(std::bit_width(value + 1));
        bits(0, length - 1);
        bits(value + 1, length);
    }
    void signed_golomb(std::int32_t value) {
        const auto size = static_cast<std::uint32_t>(value > 0 ? value : -value);
        unsigned_golomb(value > 0 ? 2 * size - 1 : 2 * size);
    }
    void align_with_zeros() {
        while (filled_ != 0)
            bits(0, 1);
    }
    // rbsp_trailing_bits()
    void finish() {
        bits(1, 1);
        align_with_zeros();
    }
    [[nodiscard]] std::vector<std::uint8_t> take() { return std::exchange(bytes_, {}); }

  private:
    void flush() {
        bytes_.push_back(current_);
        current_ = 0;
        filled_ = 0;
    }

    std::vector<std::uint8_t> bytes_;
    std::uint8_t current_ = 0;
    unsigned filled_ = 0;
};

} // namespace rtspproxy::bench
