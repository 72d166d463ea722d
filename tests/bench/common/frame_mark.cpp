#include "tests/bench/common/frame_mark.hpp"

#include <algorithm>
#include <array>

namespace rtspproxy::bench {
namespace {

// payload type, payload size (16 bytes of UUID, two numbers of 16 hexadecimal digits), UUID
constexpr std::array<std::uint8_t, 18> kPrefix = {0x05, 48,   0x72, 0x74, 0x73, 0x70,
                                                  0x2d, 0x62, 0x65, 0x6e, 0x63, 0x68,
                                                  0x2d, 0x6d, 0x61, 0x72, 0x6b, 0x31};
constexpr std::size_t kDigits = 16;

void append_hex(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) {
        const auto digit = static_cast<std::uint8_t>(value >> shift & 0xFU);
        bytes.push_back(static_cast<std::uint8_t>(digit < 10 ? '0' + digit : 'a' + digit - 10));
    }
}

std::uint64_t read_hex(std::span<const std::uint8_t> digits) {
    std::uint64_t value = 0;
    for (const std::uint8_t digit : digits) {
        const int number = digit <= '9' ? digit - '0' : digit - 'a' + 10;
        value = value << 4U | (static_cast<std::uint64_t>(number) & 0xFU);
    }
    return value;
}

} // namespace

std::vector<std::uint8_t> make_mark(const FrameMark& mark) {
    std::vector<std::uint8_t> bytes(kPrefix.begin(), kPrefix.end());
    append_hex(bytes, static_cast<std::uint64_t>(mark.sent));
    append_hex(bytes, mark.number);
    bytes.push_back(0x80);
    return bytes;
}

std::optional<FrameMark> find_mark(std::span<const std::uint8_t> rbsp) {
    if (rbsp.size() < kPrefix.size() + 2 * kDigits ||
        !std::equal(kPrefix.begin(), kPrefix.end(), rbsp.begin()))
        return std::nullopt;
    return FrameMark{
        static_cast<Nanoseconds>(read_hex(rbsp.subspan(kPrefix.size(), kDigits))),
        read_hex(rbsp.subspan(kPrefix.size() + kDigits, kDigits)),
    };
}

} // namespace rtspproxy::bench
