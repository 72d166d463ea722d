#include "tests/bench/common/rtsp_message.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace rtspproxy::bench {
namespace {

constexpr std::size_t kMaximumHeader = 64 * 1024;
constexpr std::size_t kMaximumBody = 1024 * 1024;

bool parse_start_line(std::string_view line, Message& message) {
    const auto first = line.find(' ');
    if (first == std::string_view::npos)
        return false;
    const auto second = line.find(' ', first + 1);
    message.first = line.substr(0, first);
    if (second == std::string_view::npos) {
        message.second = line.substr(first + 1);
        return message.is_response();
    }
    message.second = line.substr(first + 1, second - first - 1);
    message.third = line.substr(second + 1);
    return true;
}

} // namespace

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) ==
               std::tolower(static_cast<unsigned char>(b));
    });
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

int Message::status() const {
    return is_response() ? first_number(second).value_or(0) : 0;
}

std::string_view Message::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equals_ignoring_case(key, name))
            return value;
    }
    return {};
}

ParsedMessage parse_message(std::span<const std::uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    ParsedMessage parsed;
    const auto end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (text.size() > kMaximumHeader)
            parsed.state = ParseState::Malformed;
        return parsed;
    }
    bool is_first = true;
    for (std::string_view line : split(text.substr(0, end), '\n')) {
        line = trimmed(line);
        if (is_first) {
            is_first = false;
            if (parse_start_line(line, parsed.message))
                continue;
            parsed.state = ParseState::Malformed;
            return parsed;
        }
        const auto colon = line.find(':');
        if (colon != std::string_view::npos)
            parsed.message.headers.emplace_back(trimmed(line.substr(0, colon)),
                                                trimmed(line.substr(colon + 1)));
    }
    const auto length = first_number(parsed.message.header("Content-Length")).value_or(0);
    const auto body = static_cast<std::size_t>(std::max(length, 0));
    if (body > kMaximumBody) {
        parsed.state = ParseState::Malformed;
        return parsed;
    }
    if (text.size() < end + 4 + body)
        return parsed;
    parsed.message.body = text.substr(end + 4, body);
    parsed.consumed = end + 4 + body;
    parsed.state = ParseState::Complete;
    return parsed;
}

std::optional<int> first_number(std::string_view text) {
    text = trimmed(text);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data())
        return std::nullopt;
    return value;
}

std::optional<std::string> parameter(std::string_view header, std::string_view name) {
    for (std::string_view part : split(header, ';')) {
        part = trimmed(part);
        const auto equals = part.find('=');
        if (equals != std::string_view::npos && equals_ignoring_case(part.substr(0, equals), name))
            return std::string(part.substr(equals + 1));
    }
    return std::nullopt;
}

std::optional<Url> parse_url(std::string_view text) {
    constexpr std::string_view kScheme = "rtsp://";
    if (!text.starts_with(kScheme))
        return std::nullopt;
    text.remove_prefix(kScheme.size());
    Url url;
    const auto slash = text.find('/');
    if (slash != std::string_view::npos)
        url.path = text.substr(slash);
    std::string_view authority = text.substr(0, slash);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view login = authority.substr(0, at);
        const auto colon = login.find(':');
        url.user = login.substr(0, colon);
        if (colon != std::string_view::npos)
            url.password = login.substr(colon + 1);
        authority.remove_prefix(at + 1);
    }
    const auto bracket = authority.find(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        const auto port = first_number(authority.substr(colon + 1));
        if (!port || *port < 1 || *port > 65535)
            return std::nullopt;
        url.port = static_cast<std::uint16_t>(*port);
    }
    url.host = authority.substr(0, colon);
    if (url.host.starts_with('[') && url.host.ends_with(']'))
        url.host = url.host.substr(1, url.host.size() - 2);
    return url;
}

std::string Url::text() const {
    const bool ipv6 = host.find(':') != std::string::npos;
    return "rtsp://" + (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + path;
}

} // namespace rtspproxy::bench
