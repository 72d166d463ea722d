#include "tests/e2e/delivery/rtp_info.hpp"

#include <algorithm>

namespace rtspproxy::tests {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const auto end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

} // namespace

std::vector<std::map<std::string, std::string>> rtp_info(const RtspResponse& response) {
    std::vector<std::map<std::string, std::string>> tracks;
    const std::string header = response.header("rtp-info");
    if (header.empty())
        return tracks;
    for (const auto& track : split(header, ',')) {
        auto& parameters = tracks.emplace_back();
        for (const auto& parameter : split(track, ';')) {
            const auto equals = parameter.find('=');
            if (equals != std::string::npos)
                parameters[parameter.substr(0, equals)] = parameter.substr(equals + 1);
        }
    }
    return tracks;
}

} // namespace rtspproxy::tests
