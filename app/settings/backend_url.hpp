// RTSP URLs of back ends: validated, and taken apart into what rtspsrc wants as separate
// properties.
#pragma once

#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rtspproxy::settings {

struct BackendUrl {
    // The URL as it was given, byte for byte, but without user:password@, with the scheme in lower
    // case, and with the zone of an IPv6 address as GStreamer wants it (%eth0, not %25eth0).
    std::string url;
    std::optional<std::string> user; // percent-decoded
    std::optional<std::string>
        password; // percent-decoded; "user:@host" has an empty one, "user@host" none
    // What the scheme demands: rtspu Udp, rtspt Tcp, rtsph HttpTunnel; rtsp leaves it Automatic.
    Transport transport = Transport::Automatic;
    bool tls = false;       // rtsps, rtspsu, rtspst, rtspsh
    std::uint16_t port = 0; // as written in the URL; 0: none is
};

// Accepts scheme://[user[:password]@]host[:port][/path][?query] with the schemes that
// gst_rtsp_url_parse knows (rtsp rtspu rtspt rtsph, each also as rtsps…), a host name, an IPv4 or a
// bracketed IPv6 address (RFC 3986 §3.2.2), and port 1–65535. '@' and ':' in a password are taken
// as they are, '/', '?', '#' and '%XX' must be percent-encoded. The error says what is wrong with
// the URL without repeating any of it.
Result<BackendUrl> parse_backend_url(const std::string& text);

} // namespace rtspproxy::settings
