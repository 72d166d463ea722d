#include "tests/support/rtsp_message.hpp"

#include "plugins/support/deleter.hpp"
#include "tests/support/process.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace rtspproxy::tests {

std::string RtspResponse::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string() : found->second;
}

std::optional<RtspMessage> RtspParser::next() {
    if (buffer_.empty())
        return std::nullopt;
    return buffer_.front() == '$' ? next_frame() : next_text();
}

std::optional<RtspMessage> RtspParser::next_frame() {
    constexpr std::size_t kHeaderSize = 4;
    if (buffer_.size() < kHeaderSize)
        return std::nullopt;
    const auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(buffer_[at]); };
    const std::size_t size = std::size_t{byte(2)} * 256 + byte(3);
    if (buffer_.size() < kHeaderSize + size)
        return std::nullopt;
    InterleavedFrame frame;
    frame.channel = byte(1);
    frame.data.assign(buffer_.begin() + kHeaderSize,
                      buffer_.begin() + static_cast<std::ptrdiff_t>(kHeaderSize + size));
    buffer_.erase(0, kHeaderSize + size);
    return frame;
}

std::optional<RtspMessage> RtspParser::next_text() {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == std::string::npos)
        return std::nullopt;
    const auto lines = split_lines(buffer_.substr(0, end));
    RtspResponse response;
    for (auto line = lines.begin() + 1; line < lines.end(); ++line) {
        const auto colon = std::min(line->find(':'), line->size());
        std::string name = line->substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto value = line->find_first_not_of(' ', colon + 1);
        response.headers.emplace(name, value == std::string::npos ? "" : line->substr(value));
    }
    const auto body = static_cast<std::size_t>(
        std::strtoul(response.header("content-length").c_str(), nullptr, 10));
    if (buffer_.size() < end + 4 + body)
        return std::nullopt;
    response.body = buffer_.substr(end + 4, body);
    buffer_.erase(0, end + 4 + body);
    const std::string& first = lines.front();
    if (first.rfind("RTSP/1.0 ", 0) != 0 || first.size() < 12)
        return ServerRequest{first};
    response.status = std::atoi(first.c_str() + 9);
    response.reason = first.size() > 13 ? first.substr(13) : "";
    return response;
}

std::optional<RtspUrl> parse_rtsp_url(const std::string& url) {
    GstRTSPUrl* parsed = nullptr;
    if (gst_rtsp_url_parse(url.c_str(), &parsed) != GST_RTSP_OK)
        return std::nullopt;
    const RtspUrlPtr owner(parsed);
    guint16 port = 0;
    gst_rtsp_url_get_port(parsed, &port);
    return RtspUrl{parsed->host, port};
}

} // namespace rtspproxy::tests
