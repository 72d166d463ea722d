#include "app/server/transport_list.hpp"

#include "plugins/support/deleter.hpp"

#include <gst/rtsp/gstrtsptransport.h>

#include <algorithm>
#include <array>
#include <memory>

namespace rtspproxy::server {
namespace {

struct FreeTransport {
    void operator()(GstRTSPTransport* transport) const { gst_rtsp_transport_free(transport); }
};

bool is_usable(const std::string& text) {
    GstRTSPTransport* raw = nullptr;
    gst_rtsp_transport_new(&raw);
    const std::unique_ptr<GstRTSPTransport, FreeTransport> transport(raw);
    if (gst_rtsp_transport_parse(text.c_str(), transport.get()) != GST_RTSP_OK)
        return false;
    constexpr int kMaxPort = 65535;
    const auto& ports = transport->client_port;
    return transport->lower_transport != GST_RTSP_LOWER_TRANS_UDP ||
           (ports.min > 0 && ports.min < kMaxPort && ports.max <= kMaxPort);
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// Calls function(part, without blanks around it) for each part of a text.
template <class Function>
void for_each_part(std::string_view text, char separator, Function function) {
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        function(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// Those that gst_rtsp_transport_parse() knows. It warns of others, and of blanks.
bool is_known(std::string_view parameter) {
    constexpr std::array<std::string_view, 13> kKnown{
        "unicast",     "multicast", "destination", "source",      "layers",      "mode", "append",
        "interleaved", "ttl",       "port",        "client_port", "server_port", "ssrc"};
    std::string name(parameter.substr(0, parameter.find('=')));
    std::ranges::transform(name, name.begin(), g_ascii_tolower);
    return std::ranges::find(kKnown, name) != kKnown.end();
}

// A transport in the form that is read without a complaint.
std::string normal_form(std::string_view transport) {
    std::string normal;
    for_each_part(transport, ';', [&normal](std::string_view part) {
        if (normal.empty())
            normal = part;
        else if (is_known(part))
            normal.append(";").append(part);
    });
    return normal;
}

} // namespace

std::string usable_transports(std::string_view list) {
    std::string usable;
    for_each_part(list, ',', [&usable](std::string_view part) {
        const std::string transport = normal_form(part);
        if (is_usable(transport))
            usable.append(usable.empty() ? "" : ",").append(transport);
    });
    return usable;
}

} // namespace rtspproxy::server
