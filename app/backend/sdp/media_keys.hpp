// The keys of encrypted media, which stand in SDPs and in headers of SETUP and must not be printed.
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy::backend::sdp {

// A line of an RTSP message or of an SDP with "***" in place of the keys in it: a=key-mgmt,
// a=crypto, k=, the header KeyMgmt, and MIKEY in Transport.
[[nodiscard]] std::string without_keys(std::string_view line);

} // namespace rtspproxy::backend::sdp
