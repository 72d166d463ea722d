#include "app/printable.hpp"

#include <cstdint>

namespace rtspproxy {
namespace {

constexpr std::uint32_t kInvalid = 0xffffffff;

// A character and how many bytes it takes; of what is no UTF-8 (RFC 3629) it is kInvalid and one
// byte.
struct Character {
    std::uint32_t value = kInvalid;
    std::size_t size = 1;
};

Character first_of(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned first = byte(0);
    if (first < 0x80)
        return {first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size)
        return {};
    std::uint32_t value = first & (0x7fU >> size);
    for (std::size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xc0U) != 0x80U)
            return {};
        value = value << 6U | (byte(at) & 0x3fU);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    const bool too_long = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
    if (surrogate || too_long || value > 0x10ffff)
        return {};
    return {value, size};
}

bool is_within(std::uint32_t value, std::uint32_t first, std::uint32_t last) {
    return value >= first && value <= last;
}

bool is_visible(std::uint32_t value) {
    if (value == kInvalid || value < 0x20 || is_within(value, 0x7f, 0x9f))
        return false;
    // Line and paragraph separators; embeddings, overrides and isolates of the direction.
    return !is_within(value, 0x2028, 0x202e) && !is_within(value, 0x2066, 0x2069);
}

void append_escaped(std::string& text, std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        text += "\\x";
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0x0fU];
    }
}

} // namespace

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_of(text);
        const std::string_view bytes = text.substr(0, character.size);
        if (is_visible(character.value))
            result += bytes;
        else
            append_escaped(result, bytes);
        text.remove_prefix(character.size);
    }
    return result;
}

} // namespace rtspproxy
