// URLs as they stand in RTSP headers.
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy::backend::exchange {

// Whether it begins with "rtsp://" or one of its kin.
[[nodiscard]] bool is_rtsp_url(std::string_view text);
// `reference` as it is meant where `base`, an absolute URL, was asked for; empty if that gives no
// RTSP URL.
[[nodiscard]] std::string resolve(std::string_view base, std::string_view reference);

} // namespace rtspproxy::backend::exchange
