// The little that must be known of an RTSP URL that a stranger sent.
#pragma once

#include "plugins/support/result.hpp"

#include <string>
#include <string_view>

namespace rtspproxy::registration {

// Accepts URLs with a host and a scheme of back ends (rtsp, rtsps, rtspt, rtspu, rtsph, …), of the
// characters that RFC 3986 allows (so that the URL can stand in a request line, a log line or a
// launch line), at most kMaxUrlLength long. Errors say what is wrong but never quote the URL: it
// may hold a password.
[[nodiscard]] Result<void> check_rtsp_url(std::string_view url);
inline constexpr std::size_t kMaxUrlLength = 2048;

} // namespace rtspproxy::registration
