#include "tests/bench/common/json_line.hpp"

#include <array>
#include <cstdio>

namespace rtspproxy::bench {
namespace {

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\')
            result.push_back('\\');
        result.push_back(static_cast<unsigned char>(character) < ' ' ? ' ' : character);
    }
    return result + '"';
}

} // namespace

void JsonLine::separate(std::string_view key) {
    if (!text_.empty() && text_.back() != '{' && text_.back() != '[')
        text_ += ", ";
    if (!key.empty())
        text_ += quoted(key) + ": ";
}

JsonLine& JsonLine::open(std::string_view key, char bracket) {
    separate(key);
    text_ += bracket;
    return *this;
}

JsonLine& JsonLine::close(char bracket) {
    text_ += bracket;
    return *this;
}

JsonLine& JsonLine::raw(std::string_view key, std::string_view value) {
    separate(key);
    text_ += value;
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, double value) {
    std::array<char, 64> digits{};
    std::snprintf(digits.data(), digits.size(), "%.3f", value);
    return raw(key, digits.data());
}

JsonLine& JsonLine::add(std::string_view key, std::string_view value) {
    return raw(key, quoted(value));
}

} // namespace rtspproxy::bench
