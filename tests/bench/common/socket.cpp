#include "tests/bench/common/socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <array>
#include <memory>
#include <utility>

namespace rtspproxy::bench {
namespace {

void set_option(int fd, int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof value);
}

} // namespace

std::uint16_t Address::port() const {
    // sin_port and sin6_port lie at the same place.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

Address Address::with_port(std::uint16_t port) const {
    Address copy = *this;
    reinterpret_cast<sockaddr_in*>(&copy.storage)->sin_port = htons(port);
    return copy;
}

std::string Address::host() const {
    std::array<char, NI_MAXHOST> text{};
    ::getnameinfo(raw(), size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return text.data();
}

std::optional<Address> resolve(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0)
        return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
    Address address;
    address.size = list->ai_addrlen;
    auto* bytes = reinterpret_cast<unsigned char*>(&address.storage);
    const auto* from = reinterpret_cast<const unsigned char*>(list->ai_addr);
    for (socklen_t i = 0; i < list->ai_addrlen; ++i)
        bytes[i] = from[i];
    return address;
}

Address local_address(int fd) {
    Address address;
    address.size = sizeof address.storage;
    ::getsockname(fd, address.raw(), &address.size);
    return address;
}

Fd listen_tcp(const Address& address) {
    Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    constexpr int kBacklog = 4096;
    if (::bind(fd.get(), address.raw(), address.size) != 0 || ::listen(fd.get(), kBacklog) != 0)
        return {};
    return fd;
}

Fd connect_tcp(const Address& address) {
    Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd)
        return {};
    set_no_delay(fd.get());
    if (::connect(fd.get(), address.raw(), address.size) != 0 && errno != EINPROGRESS)
        return {};
    return fd;
}

Fd bind_udp(const Address& address, int receive_buffer, int send_buffer) {
    Fd fd(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd)
        return {};
    if (receive_buffer > 0)
        set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
    if (send_buffer > 0)
        set_option(fd.get(), SOL_SOCKET, SO_SNDBUF, send_buffer);
    if (::bind(fd.get(), address.raw(), address.size) != 0)
        return {};
    return fd;
}

std::optional<UdpPair> bind_udp_pair(const Address& address, int receive_buffer, int send_buffer) {
    constexpr int kAttempts = 200;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        Fd first = bind_udp(address.with_port(0), receive_buffer, send_buffer);
        if (!first)
            return std::nullopt;
        const std::uint16_t port = local_address(first.get()).port();
        // The kernel often hands out odd ports as well: take the even neighbour below.
        const bool even = port % 2 == 0;
        const auto other_port = static_cast<std::uint16_t>(even ? port + 1 : port - 1);
        Fd other = bind_udp(address.with_port(other_port), receive_buffer, send_buffer);
        if (!other)
            continue;
        return even ? UdpPair{std::move(first), std::move(other)}
                    : UdpPair{std::move(other), std::move(first)};
    }
    return std::nullopt;
}

void set_no_delay(int fd) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

void set_reset_on_close(int fd) {
    const linger option{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace rtspproxy::bench
