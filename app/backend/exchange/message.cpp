#include "app/backend/exchange/message.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace rtspproxy::backend::exchange {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kBlanks = " \t";

bool is_control(char character) {
    return (static_cast<unsigned char>(character) < 0x20 && character != '\t') || character == 0x7f;
}

// Takes the next line off `text`. It ends with CR LF, CR or LF, as InterleavedSplitter has it.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find_first_of(kLineEnd);
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos) {
        text = {};
        return line;
    }
    text.remove_prefix(text.substr(end).starts_with(kLineEnd) ? end + 2 : end + 1);
    return line;
}

std::string cleaned(std::string_view text) {
    std::string clean(text);
    std::ranges::replace_if(clean, is_control, ' ');
    return std::string(trim(clean));
}

std::string_view take_word(std::string_view& text) {
    text = trim(text);
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

void read_start_line(Message& message, std::string_view text) {
    const std::string clean = cleaned(text);
    std::string_view line = clean;
    const std::string_view first = take_word(line);
    const std::string_view second = take_word(line);
    if (starts_ignoring_case(first, "RTSP/") || starts_ignoring_case(first, "HTTP/") ||
        first.empty()) {
        message.status = static_cast<int>(parse_number(second).value_or(0));
        message.reason = trim(line);
    } else {
        message.method = first;
        message.url = second.empty() ? "*" : second;
    }
}

// A header line, of which `line` may be a continuation.
void read_header(Message& message, std::string_view line) {
    const std::size_t colon = line.find(':');
    const std::string_view name = trim(line.substr(0, colon));
    if (colon == std::string_view::npos || name.empty() ||
        name.find_first_of(kBlanks) != std::string_view::npos ||
        std::ranges::any_of(name, is_control))
        return;
    message.add(std::string(name), cleaned(line.substr(colon + 1)));
}

void append_line(std::string& text, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
        text += part;
    text += kLineEnd;
}

} // namespace

Message Message::request(std::string method, std::string url) {
    Message message;
    message.method = std::move(method);
    message.url = std::move(url);
    return message;
}

Message Message::answer(int status, std::string reason) {
    Message message;
    message.status = status;
    message.reason = std::move(reason);
    return message;
}

Message Message::parse(std::string_view text) {
    Message message;
    text.remove_prefix(std::min(text.find_first_not_of(kLineEnd), text.size()));
    read_start_line(message, take_line(text));
    std::string folded; // a header line with what continues it
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (!line.empty() && kBlanks.find(line.front()) != std::string_view::npos) {
            folded += ' ';
            folded += trim(line);
            continue;
        }
        read_header(message, folded);
        folded = line;
        if (line.empty())
            break;
    }
    read_header(message, folded);
    message.remove("Content-Length");
    message.body = text;
    return message;
}

std::string Message::text() const {
    std::string text;
    text.reserve(256 + body.size());
    if (is_answer())
        append_line(text, {"RTSP/1.0 ", std::to_string(status), " ", reason});
    else
        append_line(text, {method, " ", url, " RTSP/1.0"});
    for (const Header& header : headers)
        append_line(text, {header.name, ": ", header.value});
    if (!body.empty())
        append_line(text, {"Content-Length: ", std::to_string(body.size())});
    append_line(text, {});
    return text + body;
}

const std::string* Message::find(std::string_view name) const {
    const auto found = std::ranges::find_if(
        headers, [name](const Header& each) { return equals_ignoring_case(each.name, name); });
    return found != headers.end() ? &found->value : nullptr;
}

std::string Message::value_or(std::string_view name, std::string_view other) const {
    const std::string* value = find(name);
    return value != nullptr ? *value : std::string(other);
}

void Message::set(std::string_view name, std::string value) {
    const auto same = [name](const Header& each) { return equals_ignoring_case(each.name, name); };
    const auto first = std::ranges::find_if(headers, same);
    if (first == headers.end()) {
        add(std::string(name), std::move(value));
        return;
    }
    first->value = std::move(value);
    headers.erase(std::remove_if(first + 1, headers.end(), same), headers.end());
}

void Message::add(std::string name, std::string value) {
    headers.push_back({std::move(name), std::move(value)});
}

void Message::remove(std::string_view name) {
    std::erase_if(headers,
                  [name](const Header& each) { return equals_ignoring_case(each.name, name); });
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return left.size() == right.size() && starts_ignoring_case(left, right);
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
    const auto lower = [](char character) {
        return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                    : character;
    };
    return text.size() >= prefix.size() &&
           std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, lower, lower);
}

std::optional<unsigned> parse_number(std::string_view text) {
    constexpr std::size_t kDigits = 9;
    unsigned value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.size() > kDigits || error != std::errc{} || stop != end)
        return std::nullopt;
    return value;
}

} // namespace rtspproxy::backend::exchange
