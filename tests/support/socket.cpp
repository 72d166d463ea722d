#include "tests/support/socket.hpp"

#include "plugins/support/deleter.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace rtspproxy::tests {

namespace {

using AddressInfo = std::unique_ptr<addrinfo, Deleter<freeaddrinfo>>;

AddressInfo resolve(const std::string& host, std::uint16_t port, int type) {
    addrinfo hints{};
    hints.ai_socktype = type;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    return AddressInfo(found);
}

tl::unexpected<Error> failed(const std::string& what, const std::string& host, std::uint16_t port) {
    return failure(what + " " + host + " port " + std::to_string(port) + ": " +
                   std::strerror(errno));
}

Fd open_socket(const addrinfo& address) {
    return Fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, 0));
}

Result<Fd> bound(const std::string& host, std::uint16_t port, int type) {
    const auto address = resolve(host, port, type);
    if (!address)
        return failed("cannot resolve", host, port);
    Fd socket = open_socket(*address);
    const int on = 1;
    if (address->ai_family == AF_INET6)
        setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (type == SOCK_STREAM)
        setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!socket || ::bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0)
        return failed("cannot bind to", host, port);
    return socket;
}

bool is_free(std::uint16_t port) {
    const auto next = static_cast<std::uint16_t>(port + 1);
    return listen_tcp("0.0.0.0", port, 1) && bound("::", port, SOCK_STREAM) &&
           bound("0.0.0.0", port, SOCK_DGRAM) && bound("0.0.0.0", next, SOCK_DGRAM);
}

} // namespace

void Fd::close() {
    if (value_ >= 0)
        ::close(value_);
    value_ = -1;
}

Result<Fd> connect_tcp(const std::string& host, std::uint16_t port,
                       std::chrono::milliseconds timeout) {
    const auto addresses = resolve(host, port, SOCK_STREAM);
    timeval limit{};
    limit.tv_sec = timeout.count() / 1000;
    limit.tv_usec = timeout.count() % 1000 * 1000;
    for (const addrinfo* address = addresses.get(); address != nullptr;
         address = address->ai_next) {
        Fd socket = open_socket(*address);
        // SO_SNDTIMEO bounds connect() too.
        setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0)
            return socket;
    }
    return failed("cannot connect to", host, port);
}

Result<Fd> listen_tcp(const std::string& address, std::uint16_t port, int backlog) {
    auto socket = bound(address, port, SOCK_STREAM);
    if (socket && ::listen(socket->get(), backlog) != 0)
        return failed("cannot listen at", address, port);
    return socket;
}

Result<Fd> bind_udp(const std::string& address, std::uint16_t port) {
    return bound(address, port, SOCK_DGRAM);
}

std::uint16_t local_port(const Fd& socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        return 0;
    // The port is at the same place for both families.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

std::uint16_t free_port() {
    constexpr unsigned kFirst = 20000;
    constexpr unsigned kCount = 12000;
    // Test programs run side by side: each begins at a place of its own.
    static std::atomic<unsigned> next{static_cast<unsigned>(getpid()) * 64};
    for (unsigned attempt = 0; attempt < kCount; ++attempt) {
        const auto port = static_cast<std::uint16_t>(kFirst + (next += 2) % kCount);
        if (is_free(port))
            return port;
    }
    throw std::runtime_error("no free port");
}

} // namespace rtspproxy::tests
