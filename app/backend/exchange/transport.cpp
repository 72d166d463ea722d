#include "app/backend/exchange/transport.hpp"

#include "app/backend/exchange/message.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace rtspproxy::backend::exchange {
namespace {

constexpr unsigned kMaxChannel = 255;
constexpr unsigned kMaxPort = 65535;
constexpr unsigned kMaxTtl = 255;

struct Parameter {
    std::string name, value;
};

struct Transport {
    std::string profile; // "RTP/AVP"; empty if what stood there is none
    std::string lower;   // "TCP", "UDP" or nothing
    std::vector<Parameter> parameters;

    [[nodiscard]] const std::string* find(std::string_view name) const {
        const auto found = std::ranges::find_if(
            parameters, [name](const Parameter& each) { return each.name == name; });
        return found != parameters.end() ? &found->value : nullptr;
    }
    void set(std::string_view name, std::string value) {
        const auto found = std::ranges::find_if(
            parameters, [name](const Parameter& each) { return each.name == name; });
        if (found != parameters.end())
            found->value = std::move(value);
        else
            parameters.push_back({std::string(name), std::move(value)});
    }
    void remove(std::string_view name) {
        std::erase_if(parameters, [name](const Parameter& each) { return each.name == name; });
    }
};

// Takes what comes before the separator off `text`.
std::string_view take_part(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::string without_blanks(std::string_view text) {
    std::string result(text);
    std::erase_if(result, [](char each) { return each == ' ' || each == '\t'; });
    return result;
}

void read_specification(Transport& transport, std::string_view text) {
    constexpr std::array<std::string_view, 4> kProfiles{"AVP", "SAVP", "AVPF", "SAVPF"};
    if (!equals_ignoring_case(take_part(text, '/'), "RTP"))
        return;
    const std::string_view profile = take_part(text, '/');
    const auto known = std::ranges::find_if(kProfiles, [profile](std::string_view each) {
        return equals_ignoring_case(each, profile);
    });
    if (known == kProfiles.end())
        return;
    transport.profile = "RTP/" + std::string(*known);
    if (equals_ignoring_case(text, "TCP"))
        transport.lower = "TCP";
    else if (equals_ignoring_case(text, "UDP"))
        transport.lower = "UDP";
}

Transport parse(std::string_view text) {
    Transport transport;
    text = text.substr(0, text.find(',')); // of several ones the first
    bool first = true;
    while (!text.empty()) {
        std::string_view part = take_part(text, ';');
        if (std::exchange(first, false) && part.find('=') == std::string_view::npos &&
            part.find('/') != std::string_view::npos) {
            read_specification(transport, part);
            continue;
        }
        std::string name(take_part(part, '='));
        std::ranges::transform(name, name.begin(), [](char each) {
            return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
        });
        transport.parameters.push_back({std::move(name), without_blanks(part)});
    }
    return transport;
}

struct Range {
    unsigned first, last;
};

// "a-b" or "a", which means "a-(a+1)": RTP and RTCP.
std::optional<Range> parse_range(std::string_view text, unsigned maximum) {
    const std::size_t minus = text.find('-');
    const auto first = parse_number(text.substr(0, minus));
    if (!first || *first > maximum)
        return std::nullopt;
    const auto last =
        minus != std::string_view::npos ? parse_number(text.substr(minus + 1)) : std::nullopt;
    const unsigned next = std::min(*first + 1, maximum);
    return Range{*first, last && *last >= *first && *last <= maximum ? *last : next};
}

std::string text_of(const Range& range) {
    return std::to_string(range.first) + "-" + std::to_string(range.last);
}

// In whatever quotes.
bool says_play(std::string_view mode) {
    const std::size_t word = std::min(mode.find_first_of("pP"), mode.size());
    return starts_ignoring_case(mode.substr(word), "play");
}

// The value that rtspsrc reads; nothing if it can do without the parameter.
std::optional<std::string> readable(const Parameter& parameter) {
    const auto& [name, value] = parameter;
    if (name == "unicast" || name == "multicast")
        return std::string();
    if (name == "source" || name == "destination")
        return value.empty() ? std::nullopt : std::optional(value);
    if (name == "interleaved" || name == "port" || name == "client_port" || name == "server_port") {
        const auto range = parse_range(value, name == "interleaved" ? kMaxChannel : kMaxPort);
        if (!range || (range->first == 0 && name != "interleaved"))
            return std::nullopt;
        return text_of(*range);
    }
    if (name == "ttl") {
        const auto number = parse_number(value);
        return number && *number <= kMaxTtl ? std::optional(value) : std::nullopt;
    }
    if (name == "mode")
        return says_play(value) ? std::optional(value) : std::nullopt;
    const bool hexadecimal = !value.empty() && value.size() <= 8 &&
                             value.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    return name == "ssrc" && hexadecimal ? std::optional(value) : std::nullopt;
}

// Without what rtspsrc does not know or take. Unicast and multicast are one parameter to it.
void clean(Transport& transport) {
    std::vector<Parameter> kept;
    bool delivery = false;
    for (const Parameter& each : transport.parameters) {
        auto value = readable(each);
        const bool is_delivery = each.name == "unicast" || each.name == "multicast";
        const bool again = std::ranges::any_of(
            kept, [&](const Parameter& other) { return other.name == each.name; });
        if (!value || again || (is_delivery && std::exchange(delivery, true)))
            continue;
        kept.push_back({each.name, std::move(*value)});
    }
    transport.parameters = std::move(kept);
}

bool has_udp_ports(const Transport& transport) {
    return transport.find("server_port") != nullptr || transport.find("client_port") != nullptr ||
           transport.find("port") != nullptr || transport.find("multicast") != nullptr;
}

bool over_tcp(const Transport& transport) {
    if (transport.find("interleaved") != nullptr)
        return true;
    return transport.lower == "TCP" && !has_udp_ports(transport);
}

bool any_taken(const Range& range, const Channels& taken) {
    return taken.test(range.first) || taken.test(range.last);
}

// What the camera says, what it was asked for, or what is free, in this order. Some say the same
// for each track and mean what they were asked for.
Range channels_of(const Transport& answered, const Transport& asked, const Channels& taken) {
    for (const Transport* each : {&answered, &asked}) {
        const std::string* value = each->find("interleaved");
        const auto range = value != nullptr ? parse_range(*value, kMaxChannel) : std::nullopt;
        if (range && !any_taken(*range, taken))
            return *range;
    }
    for (unsigned first = 0; first < kMaxChannel; first += 2)
        if (!any_taken({first, first + 1}, taken))
            return {first, first + 1};
    return {0, 1};
}

std::string write(const Transport& transport) {
    std::string text = transport.profile;
    if (!transport.lower.empty())
        text += "/" + transport.lower;
    for (const auto& [name, value] : transport.parameters)
        text += ";" + name + (value.empty() ? "" : "=" + value);
    return text;
}

} // namespace

std::string mended_transport(std::string_view answered, std::string_view asked, Channels& taken) {
    const Transport wanted = parse(asked);
    Transport transport = parse(answered);
    clean(transport);
    if (transport.profile.empty()) {
        transport.profile = wanted.profile.empty() ? "RTP/AVP" : wanted.profile;
        if (!has_udp_ports(transport))
            transport.lower = wanted.lower;
    }
    const bool silent = transport.parameters.empty() && transport.lower.empty();
    if (silent)
        transport.lower = wanted.lower;
    if (!over_tcp(transport) && !(over_tcp(wanted) && !has_udp_ports(transport))) {
        if (transport.lower == "TCP")
            transport.lower.clear();
        if (silent)
            for (const Parameter& each : wanted.parameters)
                transport.set(each.name, each.value);
        return write(transport);
    }
    transport.lower = "TCP";
    transport.remove("multicast");
    const Range channels = channels_of(transport, wanted, taken);
    for (unsigned channel = channels.first; channel <= channels.last; ++channel)
        taken.set(channel);
    transport.set("interleaved", text_of(channels));
    return write(transport);
}

bool is_udp(std::string_view transport) {
    return !over_tcp(parse(transport));
}

} // namespace rtspproxy::backend::exchange
