// What the commands register and deregister were asked to do.
#pragma once

#include "app/settings/settings.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace rtspproxy::settings {

// One announcement of a stream to a proxy that speaks REGISTER.
struct AnnounceCommand {
    bool deregister = false; // DEREGISTER instead of REGISTER
    std::string proxy;       // "host", "host:port" or "[IPv6 address]:port"
    // What stands in the request, and reaches the proxy as it is: the stream, with its
    // user:password@ if it was given one. For logs and output there is display_url.
    std::string url;
    std::string
        display_url;  // every password in it replaced by "***"; empty: only the name was given
    bool tcp = false; // ask the proxy to pull the stream over TCP
    std::optional<std::string> suffix;       // the stream's name at the proxy
    std::optional<Credentials> credentials;  // for a proxy that wants a login
    std::chrono::milliseconds timeout{5000}; // to connect, and again for the answer; 0.1 s–1 h
    bool operator==(const AnnounceCommand&) const = default;
};

} // namespace rtspproxy::settings
