#include "app/backend/launch_line.hpp"

#include <algorithm>

namespace rtspproxy::backend {
namespace {

using settings::Transport;

std::string quoted(const std::string& value) {
    std::string text = "\"";
    for (const char character : value) {
        if (character == '"' || character == '\\')
            text += '\\';
        text += character;
    }
    return text + '"';
}

} // namespace

// rtspsrc takes the tunnel's port from its location, whose scheme says that there is a tunnel.
std::string location_of(const settings::BackendSettings& settings, Transport transport) {
    if (transport != Transport::HttpTunnel || settings.http_port == 0)
        return settings.url;
    const std::size_t scheme_end = settings.url.find("://");
    const std::size_t host = scheme_end + 3;
    const std::size_t path = std::min(settings.url.find_first_of("/?", host), settings.url.size());
    const std::string authority = settings.url.substr(host, path - host);
    const std::size_t bracket = authority.rfind(']'); // of an IPv6 address
    const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
    const bool tls = settings.url.starts_with("rtsps");
    return std::string(tls ? "rtspsh" : "rtsph") + "://" + authority.substr(0, colon) + ":" +
           std::to_string(settings.http_port) + settings.url.substr(path);
}

const char* protocols_of(Transport transport) {
    switch (transport) {
    case Transport::Tcp:
    case Transport::HttpTunnel: // the location's scheme makes the tunnel
        return "tcp";
    default:
        return "udp+udp-mcast";
    }
}

// latency: only UDP packets can be late. It is for gst-launch-1.0: in the proxy RtspSource sets it
// to 0 where packets are put in order ahead of rtspsrc. timeout and tcp-timeout (microseconds)
// bound what rtspsrc waits for by itself; the supervisor decides earlier. udp-reconnect is off
// because it decides about reconnecting, too.
std::string launch_line(const settings::BackendSettings& settings, Transport transport) {
    const bool ordered = transport == Transport::Tcp || transport == Transport::HttpTunnel;
    return "rtspsrc name=backend location=" + quoted(location_of(settings, transport)) +
           " protocols=" + protocols_of(transport) +
           (settings.proxy.empty() ? "" : " proxy=http://" + settings.proxy) +
           " latency=" + std::to_string(ordered ? 0 : settings.latency.count()) +
           " timeout=0 tcp-timeout=20000000 udp-reconnect=false do-retransmission=false";
}

} // namespace rtspproxy::backend
