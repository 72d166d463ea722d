// What an RTSP server sends: responses and interleaved frames, parsed out of a byte stream.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rtspproxy::tests {

struct RtspResponse {
    int status = 0;
    std::string reason;
    // Names in lower case.
    std::multimap<std::string, std::string> headers;
    std::string body;

    // Empty: not there.
    [[nodiscard]] std::string header(const std::string& lower_case_name) const;
};

// RFC 2326 §10.12.
struct InterleavedFrame {
    std::uint8_t channel = 0;
    std::vector<std::uint8_t> data;
};

// A request of the server to the client: only its request line is kept.
struct ServerRequest {
    std::string line;
};

using RtspMessage = std::variant<RtspResponse, InterleavedFrame, ServerRequest>;

class RtspParser {
  public:
    void feed(const char* data, std::size_t size) { buffer_.append(data, size); }
    // Nothing: more bytes are needed.
    [[nodiscard]] std::optional<RtspMessage> next();

  private:
    std::optional<RtspMessage> next_frame();
    std::optional<RtspMessage> next_text();

    std::string buffer_;
};

// What a test needs of an rtsp:// URL.
struct RtspUrl {
    std::string host; // without brackets
    std::uint16_t port = 554;
};
[[nodiscard]] std::optional<RtspUrl> parse_rtsp_url(const std::string& url);

} // namespace rtspproxy::tests
