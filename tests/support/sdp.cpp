#include "tests/support/sdp.hpp"

#include "tests/support/process.hpp"

#include <sstream>
#include <string_view>

namespace rtspproxy::tests {

namespace {

// "96 a=1;b=2" → {"a=1", "b=2"}
std::set<std::string> parameters_of(const std::string& fmtp) {
    std::set<std::string> parameters;
    std::istringstream stream(fmtp.substr(fmtp.find(' ') + 1));
    for (std::string parameter; std::getline(stream, parameter, ';');)
        parameters.insert(parameter.substr(parameter.find_first_not_of(' ')));
    return parameters;
}

void take_attribute(SdpMedia& media, const std::string& name, const std::string& value) {
    if (name == "rtpmap")
        media.rtpmap = value;
    else if (name == "fmtp")
        media.fmtp = parameters_of(value);
    else if (name == "lang")
        media.lang.insert(value);
    else if (name == "extmap")
        media.extmap.insert(value);
}

// "video 0 RTP/AVP 96"
SdpMedia media_of(const std::string& line) {
    SdpMedia media;
    std::string port;
    std::string protocol;
    std::istringstream stream(line);
    stream >> media.type >> port >> protocol;
    std::getline(stream >> std::ws, media.payload_types);
    return media;
}

} // namespace

std::vector<SdpMedia> parse_sdp(const std::string& sdp) {
    std::vector<SdpMedia> all;
    for (const auto& line : split_lines(sdp)) {
        if (line.rfind("m=", 0) == 0)
            all.push_back(media_of(line.substr(2)));
        const auto colon = line.find(':');
        if (all.empty() || line.rfind("a=", 0) != 0 || colon == std::string::npos)
            continue;
        take_attribute(all.back(), line.substr(2, colon - 2), line.substr(colon + 1));
    }
    return all;
}

std::string to_string(const std::vector<SdpMedia>& all) {
    std::ostringstream text;
    const auto show = [&text](const char* name, const std::set<std::string>& values) {
        for (const auto& value : values)
            text << ", " << name << ' ' << value;
    };
    for (const auto& media : all) {
        text << media.type << ' ' << media.payload_types << ", rtpmap " << media.rtpmap;
        show("fmtp", media.fmtp);
        show("lang", media.lang);
        show("extmap", media.extmap);
        text << '\n';
    }
    return text.str();
}

} // namespace rtspproxy::tests
