// RTSP responses: what the proxy answers, and what a sender reads. Pure.
#pragma once

#include "plugins/registration/message.hpp"
#include "plugins/support/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtspproxy::registration {

struct Response {
    unsigned status = 200; // RFC 2326 §7.1.1; 100–599
    std::string reason;    // empty when formatting: the standard phrase
    std::optional<std::uint32_t> cseq;
    Headers headers; // without CSeq when formatting; all of them when parsed
};

// "RTSP/1.0 200 OK", CSeq if known, the headers, blank line.
[[nodiscard]] std::string format_response(const Response& response);

// Parses a response up to and including the blank line (see find_header_end()).
[[nodiscard]] Result<Response> parse_response(std::string_view bytes);

// The standard phrase of RFC 2326 §7.1.1, or "Status" for an unknown one.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

} // namespace rtspproxy::registration
