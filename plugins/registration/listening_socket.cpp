#include "plugins/registration/listening_socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace rtspproxy::registration {

namespace {

struct AddressListDeleter {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

tl::unexpected<ListenError> listen_failure(const std::string& address, std::uint16_t port,
                                           int code) {
    return tl::unexpected(ListenError{code, "Cannot listen on " + address + " port " +
                                                std::to_string(port) + ": " +
                                                std::generic_category().message(code)});
}

std::uint16_t bound_port(int descriptor) {
    sockaddr_storage bound{};
    socklen_t length = sizeof(bound);
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &length);
    return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

tl::expected<FileDescriptor, ListenError> listen_at(const std::string& address, std::uint16_t port,
                                                    int backlog) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        return listen_failure(address, port, EINVAL);
    const AddressList list(found);

    FileDescriptor descriptor(
        socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (!descriptor)
        return listen_failure(address, port, errno);
    const int on = 1;
    // Connections of an earlier run that linger in TIME_WAIT must not keep the port from us.
    setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (list->ai_family == AF_INET6)
        setsockopt(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(descriptor.get(), list->ai_addr, list->ai_addrlen) != 0 ||
        listen(descriptor.get(), backlog) != 0)
        return listen_failure(address, port, errno);
    return descriptor;
}

tl::expected<ListeningSockets, ListenError> listen_everywhere(std::uint16_t port, int backlog) {
    ListeningSockets result;
    auto ipv4 = listen_at("0.0.0.0", port, backlog);
    if (!ipv4)
        return tl::unexpected(ipv4.error());
    result.port = bound_port(ipv4->get());
    result.sockets.push_back(std::move(*ipv4));
    auto ipv6 = listen_at("::", result.port, backlog);
    if (ipv6)
        result.sockets.push_back(std::move(*ipv6));
    else if (ipv6.error().code != EAFNOSUPPORT && ipv6.error().code != EADDRNOTAVAIL)
        return tl::unexpected(ipv6.error());
    return result;
}

} // namespace

tl::expected<ListeningSockets, ListenError> listen_on(const ListenOptions& options) {
    if (!options.address.empty()) {
        auto descriptor = listen_at(options.address, options.port, options.backlog);
        if (!descriptor)
            return tl::unexpected(descriptor.error());
        ListeningSockets result;
        result.port = bound_port(descriptor->get());
        result.sockets.push_back(std::move(*descriptor));
        return result;
    }
    // A port that is free for IPv4 may be taken for IPv6: with port 0, look for another.
    constexpr int kTries = 16;
    for (int attempt = 1;; ++attempt) {
        auto result = listen_everywhere(options.port, options.backlog);
        if (result || options.port != 0 || result.error().code != EADDRINUSE || attempt == kTries)
            return result;
    }
}

Peer describe_peer(const sockaddr& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    Peer peer;
    if (address.sa_family == AF_INET6) {
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
        inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
        peer = {text.data(), ntohs(ipv6.sin6_port), text.data()};
        if (!IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr) && !IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr)) {
            in6_addr network = ipv6.sin6_addr;
            std::memset(&network.s6_addr[8], 0, 8);
            inet_ntop(AF_INET6, &network, text.data(), text.size());
            peer.limit_key = std::string(text.data()) + "/64";
        }
    } else if (address.sa_family == AF_INET) {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
        inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
        peer = {text.data(), ntohs(ipv4.sin_port), text.data()};
    }
    return peer;
}

} // namespace rtspproxy::registration
