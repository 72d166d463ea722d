#include "tests/bench/common/base64.hpp"

namespace rtspproxy::bench {

std::string base64(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
        if (left > 1)
            group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
        if (left > 2)
            group |= bytes[i + 2];
        text.push_back(kAlphabet[group >> 18U]);
        text.push_back(kAlphabet[group >> 12U & 63U]);
        text.push_back(left > 1 ? kAlphabet[group >> 6U & 63U] : '=');
        text.push_back(left > 2 ? kAlphabet[group & 63U] : '=');
    }
    return text;
}

std::string base64(std::string_view text) {
    return base64(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

} // namespace rtspproxy::bench
