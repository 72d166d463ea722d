#include "plugins/registration/message.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace rtspproxy::registration {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

// RFC 2616 §2.2 "token", of which header names are made.
bool is_token_character(char c) {
    constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={} \t";
    return c > 0x20 && c < 0x7f && kSeparators.find(c) == std::string_view::npos;
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

Result<Header> parse_header_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return failure("a header line has no name");
    const std::string_view name = line.substr(0, colon);
    if (!std::all_of(name.begin(), name.end(), is_token_character))
        return failure("a header name has a character that is not allowed there");
    return Header{std::string(name), std::string(trim(line.substr(colon + 1)))};
}

} // namespace

void Headers::add(std::string name, std::string value) {
    headers_.push_back({std::move(name), std::move(value)});
}

const std::string* Headers::find(std::string_view name) const {
    for (const Header& header : headers_)
        if (equals_ignoring_case(header.name, name))
            return &header.value;
    return nullptr;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(headers_.begin(), headers_.end(), [name](const Header& header) {
            return equals_ignoring_case(header.name, name);
        }));
}

HeaderEnd find_header_end(std::string_view bytes) {
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\r') {
            if (i + 1 == bytes.size())
                break;
            if (bytes[i + 1] != '\n')
                return {HeaderEnd::State::Malformed, 0};
            if (i == line_start)
                return {HeaderEnd::State::Complete, i + kLineEnd.size()};
            line_start = i + kLineEnd.size();
            ++i;
        } else if (is_control(bytes[i])) {
            return {HeaderEnd::State::Malformed, 0};
        }
    }
    return {};
}

Result<MessageHead> parse_head(std::string_view bytes) {
    MessageHead head;
    bool first = true;
    std::size_t count = 0;
    while (true) {
        const std::size_t end = bytes.find(kLineEnd);
        if (end == std::string_view::npos)
            return failure("the blank line after the headers is missing");
        const std::string_view line = bytes.substr(0, end);
        bytes.remove_prefix(end + kLineEnd.size());
        if (line.empty())
            break;
        if (std::any_of(line.begin(), line.end(), is_control))
            return failure("a line has a control character");
        if (std::exchange(first, false)) {
            head.start_line = line;
            continue;
        }
        if (++count > kMaxHeaders)
            return failure("too many header lines");
        Result<Header> header = parse_header_line(line);
        if (!header)
            return tl::unexpected(header.error());
        head.headers.add(std::move(header->name), std::move(header->value));
    }
    if (first)
        return failure("the first line is empty");
    return head;
}

std::optional<unsigned long> parse_number(std::string_view text, unsigned long maximum) {
    unsigned long value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || value > maximum)
        return std::nullopt;
    return value;
}

} // namespace rtspproxy::registration
