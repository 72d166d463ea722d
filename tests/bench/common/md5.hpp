// MD5 (RFC 1321), for Digest authentication only.
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy::bench {

// The digest as 32 lower-case hexadecimal digits.
[[nodiscard]] std::string md5_hex(std::string_view text);

} // namespace rtspproxy::bench
