#include "tests/bench/common/md5.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace rtspproxy::bench {
namespace {

constexpr std::array<int, 16> kShifts = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

// T[i] of RFC 1321 §3.4: the integer part of 2^32 times |sin(i + 1)|.
std::uint32_t sine_constant(unsigned step) {
    return static_cast<std::uint32_t>(std::floor(std::fabs(std::sin(step + 1.0)) * 4294967296.0));
}

using State = std::array<std::uint32_t, 4>;

void digest_block(State& state, const std::uint8_t* block) {
    auto [a, b, c, d] = state;
    for (unsigned i = 0; i < 64; ++i) {
        const unsigned round = i / 16;
        std::uint32_t mixed = 0;
        unsigned word = i;
        if (round == 0) {
            mixed = (b & c) | (~b & d);
        } else if (round == 1) {
            mixed = (d & b) | (~d & c);
            word = 5 * i + 1;
        } else if (round == 2) {
            mixed = b ^ c ^ d;
            word = 3 * i + 5;
        } else {
            mixed = c ^ (b | ~d);
            word = 7 * i;
        }
        const std::uint8_t* at = block + static_cast<std::size_t>(word % 16) * 4;
        const std::uint32_t value =
            static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8U |
            static_cast<std::uint32_t>(at[2]) << 16U | static_cast<std::uint32_t>(at[3]) << 24U;
        const std::uint32_t sum = a + mixed + sine_constant(i) + value;
        a = d;
        d = c;
        c = b;
        b += std::rotl(sum, kShifts[static_cast<std::size_t>(round) * 4 + i % 4]);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

} // namespace

std::string md5_hex(std::string_view text) {
    std::string padded(text);
    padded.push_back('\x80');
    while (padded.size() % 64 != 56)
        padded.push_back('\0');
    const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
    for (unsigned i = 0; i < 8; ++i)
        padded.push_back(static_cast<char>(bits >> (8 * i) & 0xFFU));
    State state = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U};
    for (std::size_t at = 0; at < padded.size(); at += 64)
        digest_block(state, reinterpret_cast<const std::uint8_t*>(padded.data()) + at);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const std::uint32_t word : state) {
        for (unsigned i = 0; i < 4; ++i) {
            const std::uint32_t byte = word >> (8 * i) & 0xFFU;
            hex.push_back(kDigits[byte >> 4U]);
            hex.push_back(kDigits[byte & 0xFU]);
        }
    }
    return hex;
}

} // namespace rtspproxy::bench
