#include "app/backend/sdp/media_keys.hpp"

#include <algorithm>
#include <array>

namespace rtspproxy::backend::sdp {
namespace {

constexpr std::array<std::string_view, 4> kSecretLines{
    "a=key-mgmt:", "a=crypto:", "k=", "keymgmt:"};
constexpr std::string_view kTransport = "transport:";
constexpr std::string_view kMikey = "mikey=";

char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
}

bool equal(char left, char right) {
    return lower(left) == lower(right);
}

bool begins(std::string_view line, std::string_view prefix) {
    return line.size() >= prefix.size() &&
           std::ranges::equal(line.substr(0, prefix.size()), prefix, equal);
}

// Each parameter ends with ";" or, of another transport, with ",".
std::string without_mikey(std::string_view line) {
    std::string text;
    while (!line.empty()) {
        const auto found = std::ranges::search(line, kMikey, equal);
        const auto value = static_cast<std::size_t>(found.end() - line.begin());
        text += line.substr(0, value);
        if (found.empty())
            break;
        text += "***";
        line.remove_prefix(value);
        const bool quoted = line.starts_with('"');
        std::size_t end = quoted ? line.find('"', 1) : line.find_first_of(";,");
        if (quoted && end != std::string_view::npos)
            ++end;
        line.remove_prefix(std::min(end, line.size()));
    }
    return text;
}

} // namespace

std::string without_keys(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    const std::string_view content =
        first == std::string_view::npos ? std::string_view() : line.substr(first);
    for (const std::string_view name : kSecretLines)
        if (begins(content, name))
            return std::string(content.substr(0, name.size())) + "***";
    return begins(content, kTransport) ? without_mikey(line) : std::string(line);
}

} // namespace rtspproxy::backend::sdp
