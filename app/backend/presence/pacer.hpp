// Pacer: how many things may begin, so that they are never more than so many in any second.
#pragma once

#include <chrono>

namespace rtspproxy::backend {

// Pure: it is told what time it is. A few at once and then a pause, for each wake-up costs more
// than what it begins.
class Pacer {
  public:
    using Time = std::chrono::milliseconds; // since any fixed moment, monotonic

    static constexpr unsigned kPerSecond = 200;
    static constexpr Time kPause{20};
    static constexpr unsigned kAtOnce = kPerSecond * kPause.count() / 1000;

    // Whether one more may begin now; if so, it is counted.
    [[nodiscard]] bool take(Time now) {
        if (now >= next_) {
            next_ = now + kPause;
            left_ = kAtOnce;
        }
        if (left_ == 0)
            return false;
        --left_;
        return true;
    }
    // When one more may begin.
    [[nodiscard]] Time earliest(Time now) const { return now >= next_ || left_ > 0 ? now : next_; }

  private:
    Time next_{0};
    unsigned left_ = 0;
};

} // namespace rtspproxy::backend
