// Sockets of the benchmark tools: addresses, listeners, connections, UDP port pairs.
#pragma once

#include "tests/bench/common/fd.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace rtspproxy::bench {

// An IPv4 or IPv6 address with a port.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* raw() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
    [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
    [[nodiscard]] int family() const { return storage.ss_family; }
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] Address with_port(std::uint16_t port) const;
    // The host without the port; IPv6 without brackets.
    [[nodiscard]] std::string host() const;
};

// Resolves a numeric host or a name (blocking; names are for tests of name resolution only).
[[nodiscard]] std::optional<Address> resolve(const std::string& host, std::uint16_t port);
[[nodiscard]] Address local_address(int fd);

// All of these return an empty Fd on failure, with errno set. Sockets are non-blocking but for UDP.
[[nodiscard]] Fd listen_tcp(const Address& address);
[[nodiscard]] Fd connect_tcp(const Address& address);
[[nodiscard]] Fd bind_udp(const Address& address, int receive_buffer, int send_buffer);

// RTP on an even port, RTCP on the next one (RFC 3550 §11).
struct UdpPair {
    Fd rtp;
    Fd rtcp;
    [[nodiscard]] std::uint16_t rtp_port() const { return local_address(rtp.get()).port(); }
};
// Takes any free pair of ports on the host of `address`.
[[nodiscard]] std::optional<UdpPair> bind_udp_pair(const Address& address, int receive_buffer,
                                                   int send_buffer);

void set_no_delay(int fd);
// The next close() of `fd` sends RST and throws away what is unsent.
void set_reset_on_close(int fd);
// Thousands of sockets need more than the default limit of 1024 files.
void raise_file_limit();

} // namespace rtspproxy::bench
