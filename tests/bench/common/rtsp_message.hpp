// RTSP 1.0 requests and responses (RFC 2326) and the URLs in them, as far as the tools need them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rtspproxy::bench {

struct Message {
    // Of a request: method, URI, version. Of a response: version, status code, reason.
    std::string first;
    std::string second;
    std::string third;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    [[nodiscard]] bool is_response() const { return first.starts_with("RTSP/"); }
    [[nodiscard]] int status() const;
    // The value of the first header of that name (any case), or an empty text.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

enum class ParseState { Incomplete, Complete, Malformed };

struct ParsedMessage {
    ParseState state = ParseState::Incomplete;
    std::size_t consumed = 0;
    Message message;
};
// Parses one message with its body from the start of `bytes`.
[[nodiscard]] ParsedMessage parse_message(std::span<const std::uint8_t> bytes);

// rtsp://[user:password@]host[:port][/path]
struct Url {
    std::string user;
    std::string password;
    std::string host;
    std::uint16_t port = 554;
    std::string path; // with the leading slash and the query, or empty

    // Without user and password.
    [[nodiscard]] std::string text() const;
};
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

// The value of `name=` in a header made of `;` separated parameters ("RTP/AVP;client_port=1-2").
[[nodiscard]] std::optional<std::string> parameter(std::string_view header, std::string_view name);
// "8000-8001" or "8000": the first number.
[[nodiscard]] std::optional<int> first_number(std::string_view text);

[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);
[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

} // namespace rtspproxy::bench
