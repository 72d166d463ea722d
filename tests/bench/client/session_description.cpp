#include "tests/bench/client/session_description.hpp"

#include "tests/bench/common/rtsp_message.hpp"

namespace rtspproxy::bench {
namespace {

constexpr std::string_view kMedia = "m=";
constexpr std::string_view kControl = "a=control:";
constexpr std::string_view kMap = "a=rtpmap:";

std::string join(const std::string& base, std::string_view control) {
    if (control.find("://") != std::string_view::npos)
        return std::string(control);
    return base + (base.ends_with('/') ? "" : "/") + std::string(control);
}

// "96 H264/90000"
void parse_map(std::string_view value, MediaSection& section) {
    const auto space = value.find(' ');
    if (space == std::string_view::npos)
        return;
    const auto parts = split(value.substr(space + 1), '/');
    section.encoding = parts[0];
    if (parts.size() > 1)
        section.clock_rate = static_cast<std::uint32_t>(first_number(parts[1]).value_or(90000));
}

} // namespace

std::vector<MediaSection> parse_description(std::string_view text, const std::string& base) {
    std::vector<MediaSection> sections;
    for (std::string_view line : split(text, '\n')) {
        line = trimmed(line);
        if (line.starts_with(kMedia)) {
            line.remove_prefix(kMedia.size());
            sections.push_back({.kind = std::string(line.substr(0, line.find(' '))),
                                .encoding = {},
                                .control = base});
        } else if (!sections.empty() && line.starts_with(kControl)) {
            sections.back().control = join(base, line.substr(kControl.size()));
        } else if (!sections.empty() && line.starts_with(kMap)) {
            parse_map(line.substr(kMap.size()), sections.back());
        }
    }
    return sections;
}

} // namespace rtspproxy::bench
