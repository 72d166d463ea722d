// The RTP-Info header of a response (RFC 2326 §12.33).
#pragma once

#include "tests/support/rtsp_message.hpp"

#include <map>
#include <string>
#include <vector>

namespace rtspproxy::tests {

// Its parameters, "url", "seq" and "rtptime": one map a track, in the order of the header.
[[nodiscard]] std::vector<std::map<std::string, std::string>>
rtp_info(const RtspResponse& response);

} // namespace rtspproxy::tests
