// Connections that say nothing, opened without end.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <thread>

namespace rtspproxy::tests {

class Flood {
  public:
    // Towards a port of 127.0.0.1, from 250 addresses, about a thousand a second.
    explicit Flood(std::uint16_t port);
    ~Flood();
    Flood(const Flood&) = delete;
    Flood& operator=(const Flood&) = delete;

    // Waits until so many more have been opened.
    [[nodiscard]] bool wait_more(std::size_t count) const;

  private:
    void run();
    [[nodiscard]] bool open_one();

    const std::uint16_t port_;
    std::deque<Fd> newest_; // more than the proxy lets wait by default
    std::atomic<std::size_t> opened_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

} // namespace rtspproxy::tests
