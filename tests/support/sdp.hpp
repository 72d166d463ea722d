// What a session description says about its media, in a form that can be compared.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace rtspproxy::tests {

struct SdpMedia {
    std::string type; // "video", "audio", "application"
    std::string payload_types;
    std::string rtpmap;           // "96 H264/90000"
    std::set<std::string> fmtp;   // "packetization-mode=1"
    std::set<std::string> lang;   // RFC 4566 §6
    std::set<std::string> extmap; // RFC 8285 §5

    bool operator==(const SdpMedia&) const = default;
};

[[nodiscard]] std::vector<SdpMedia> parse_sdp(const std::string& sdp);
[[nodiscard]] std::string to_string(const std::vector<SdpMedia>& media);

} // namespace rtspproxy::tests
