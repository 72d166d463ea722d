#include "app/server/transport_list.hpp"

#include "plugins/support/deleter.hpp"

#include <gst/rtsp/gstrtsptransport.h>

#include <algorithm>
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

} // namespace

std::string usable_transports(std::string_view list) {
    std::string usable;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        const std::string transport(trimmed(list.substr(0, end)));
        if (is_usable(transport))
            usable += (usable.empty() ? "" : ",") + transport;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return usable;
}

} // namespace rtspproxy::server
