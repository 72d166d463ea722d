// What a bench client needs of an SDP (RFC 8866): its media sections.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::bench {

struct MediaSection {
    std::string kind;     // "video", "audio", …
    std::string encoding; // "H264", "PCMU", …
    std::uint32_t clock_rate = 90000;
    std::string control; // absolute URL
};

// `base` is the Content-Base of the answer, or the URL that was asked for.
[[nodiscard]] std::vector<MediaSection> parse_description(std::string_view text,
                                                          const std::string& base);

} // namespace rtspproxy::bench
