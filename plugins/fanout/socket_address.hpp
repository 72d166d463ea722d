// SocketAddress: where datagrams go, ready for the kernel.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rtspproxy::fanout {

class SocketAddress {
  public:
    // From a numeric address, or a name that is looked up (may block then). Nothing if there is no
    // such host, or the port is not 1 to 65535.
    [[nodiscard]] static std::optional<SocketAddress> resolve(const char* host, int port);

    // One that the system gave; nothing if it is neither IPv4 nor IPv6.
    [[nodiscard]] static std::optional<SocketAddress> of(const sockaddr_storage& address);

    [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&place_); }
    [[nodiscard]] socklen_t size() const {
        return is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    }
    [[nodiscard]] bool is_v4() const { return place_.v6.sin6_family == AF_INET; }
    // An IPv4 address that was written as an IPv6 one (::ffff:192.0.2.1) as what it is.
    [[nodiscard]] SocketAddress unmapped() const;

    bool operator==(const SocketAddress& other) const { return bytes() == other.bytes(); }
    auto operator<=>(const SocketAddress& other) const { return bytes() <=> other.bytes(); }

  private:
    [[nodiscard]] std::string_view bytes() const {
        return {reinterpret_cast<const char*>(&place_), size()};
    }

    union Place { // both begin with the family
        sockaddr_in6 v6;
        sockaddr_in v4;
    };
    Place place_{};
};

} // namespace rtspproxy::fanout
