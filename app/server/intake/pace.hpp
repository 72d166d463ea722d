// Pace: how much work a connection may make at a time. All clients share a thread, so one that
// sends requests without end must leave room for the others.
#pragma once

#include <algorithm>
#include <chrono>

namespace rtspproxy::server {

// A token bucket; pure, belongs to one thread. A unit is a message, or a KiB.
class Pace {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::milliseconds kInterval{2}; // a unit, in the long run
    static constexpr int kBurst = 200;                       // units at once

    // Nothing more may be done before that.
    [[nodiscard]] Clock::time_point ready_at() const { return spent_until_ - kBurst * kInterval; }
    [[nodiscard]] bool ready(Clock::time_point now) const { return ready_at() <= now; }
    void charge(std::size_t units, Clock::time_point now) {
        spent_until_ = std::max(spent_until_, now) + static_cast<int>(units) * kInterval;
    }

  private:
    Clock::time_point spent_until_;
};

} // namespace rtspproxy::server
