// Failed logins per address: after too many the address is refused for a while, so that passwords
// cannot be guessed at the speed of the network. Pure; belongs to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace rtspproxy::registration {

class LoginLimiter {
  public:
    using Clock = std::chrono::steady_clock;

    // Failures are forgotten this long after the first of them.
    static constexpr std::chrono::seconds kWindow{60};
    // Addresses remembered at most; the oldest is forgotten for a new one.
    static constexpr std::size_t kMaxAddresses = 4096;

    void failed(const std::string& address, Clock::time_point now);
    void succeeded(const std::string& address);
    // Whether `address` has failed `limit` times within the window; never if `limit` is 0.
    [[nodiscard]] bool locked_out(const std::string& address, unsigned limit,
                                  Clock::time_point now) const;

  private:
    struct Failures {
        unsigned count = 0;
        Clock::time_point first;
    };
    void make_room(Clock::time_point now);

    std::map<std::string, Failures> failures_;
};

} // namespace rtspproxy::registration
