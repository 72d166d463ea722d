// Opening the sockets that the proxy is reached at, and knowing who is at the other end.
#pragma once

#include "plugins/support/file_descriptor.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct sockaddr;

namespace rtspproxy::registration {

struct ListenOptions {
    // Numeric IPv4 or IPv6 address (with %interface for a link-local one); empty: every address of
    // both families.
    std::string address;
    std::uint16_t port = 0; // 0: a free one
    int backlog = 1024;     // connections that the kernel holds until they are accepted
};

struct ListeningSockets {
    std::vector<FileDescriptor> sockets; // non-blocking, listening; at least one
    std::uint16_t port = 0;              // the one they are bound to
};

struct ListenError {
    int code = 0; // errno: EADDRINUSE, EACCES, EADDRNOTAVAIL, EINVAL for an address that is none…
    std::string message; // "Cannot listen on 0.0.0.0 port 554: Permission denied"
};

// An IPv6 socket takes IPv6 peers only (IPV6_V6ONLY), so that no peer ever looks like
// ::ffff:192.0.2.1. With an empty address there is one socket a family; a machine without IPv6 gets
// along with IPv4.
[[nodiscard]] tl::expected<ListeningSockets, ListenError> listen_on(const ListenOptions& options);

struct Peer {
    std::string address; // numeric
    std::uint16_t port = 0;
    // What limits per address go by: the address, for IPv6 its /64 network, which is what one
    // subscriber has. Link-local addresses, which share a /64, count each for itself.
    std::string limit_key;
};
[[nodiscard]] Peer describe_peer(const sockaddr& address);

} // namespace rtspproxy::registration
