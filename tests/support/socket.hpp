// Sockets for tests: owned, blocking, on loopback.
#pragma once

#include "plugins/support/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace rtspproxy::tests {

// Owns a file descriptor.
class Fd {
  public:
    Fd() = default;
    explicit Fd(int value) : value_(value) {}
    Fd(Fd&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { close(); }

    [[nodiscard]] int get() const { return value_; }
    explicit operator bool() const { return value_ >= 0; }
    void close();

  private:
    int value_ = -1;
};

// Connects to a numeric address or a host name. Receiving and sending give up after `timeout`.
[[nodiscard]] Result<Fd> connect_tcp(const std::string& host, std::uint16_t port,
                                     std::chrono::milliseconds timeout);
// A listening socket that nobody accepts from. `backlog` as in listen(2); port 0: any.
[[nodiscard]] Result<Fd> listen_tcp(const std::string& address, std::uint16_t port, int backlog);
[[nodiscard]] Result<Fd> bind_udp(const std::string& address, std::uint16_t port);
// The port that a socket is bound to.
[[nodiscard]] std::uint16_t local_port(const Fd& socket);

// A port that is free for TCP and UDP on both families, and whose successor is free for UDP. Taken
// from below the range that the kernel hands out by itself, so that no outgoing connection gets it.
[[nodiscard]] std::uint16_t free_port();

} // namespace rtspproxy::tests
