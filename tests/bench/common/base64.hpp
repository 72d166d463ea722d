// Base64 (RFC 4648 §4), for sprop-parameter-sets and Basic authentication.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rtspproxy::bench {

[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string base64(std::string_view text);

} // namespace rtspproxy::bench
