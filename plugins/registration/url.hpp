// The little that must be known of an RTSP URL that a stranger sent.
#pragma once

#include "plugins/support/result.hpp"

#include <string>
#include <string_view>

namespace rtspproxy::registration {

// Accepts rtsp://, rtspu:// and rtsps:// URLs with a host, of the characters that RFC 3986 allows
// (so that the URL can stand in a request line, a log line or a launch line), at most kMaxUrlLength
// long. Errors say what is wrong but never quote the URL: it may hold a password.
[[nodiscard]] Result<void> check_rtsp_url(std::string_view url);
inline constexpr std::size_t kMaxUrlLength = 2048;

// The URL with the password, if any, replaced by "***": for logs, messages and people.
[[nodiscard]] std::string mask_password(std::string_view url);

} // namespace rtspproxy::registration
