// FrameClock: when the frames of one track are due. Time that was missed (the process was frozen)
// is skipped, not made up for, as the sensor of a real camera would.
#pragma once

#include "tests/bench/common/clock.hpp"

#include <cstdint>

namespace rtspproxy::bench {

class FrameClock {
  public:
    FrameClock(Nanoseconds start, double frames_per_second)
        : start_(start), rate_(frames_per_second) {}

    [[nodiscard]] Nanoseconds due() const {
        return start_ + static_cast<Nanoseconds>(static_cast<double>(tick_) *
                                                 static_cast<double>(kSecond) / rate_);
    }
    void advance(Nanoseconds now) {
        ++tick_;
        if (now - due() > kPatience)
            tick_ = static_cast<std::uint64_t>(to_seconds(now - start_) * rate_) + 1;
    }
    // Units of an RTP clock since the start, for the frame that is due and for any time.
    [[nodiscard]] std::uint32_t media_time(std::uint32_t clock_rate) const {
        return static_cast<std::uint32_t>(static_cast<std::uint64_t>(
            static_cast<double>(tick_) * static_cast<double>(clock_rate) / rate_));
    }
    [[nodiscard]] std::uint32_t media_time_at(Nanoseconds now, std::uint32_t clock_rate) const {
        return static_cast<std::uint32_t>(
            static_cast<std::uint64_t>(to_seconds(now - start_) * static_cast<double>(clock_rate)));
    }

  private:
    static constexpr Nanoseconds kPatience = 200 * kMillisecond;

    Nanoseconds start_;
    double rate_;
    std::uint64_t tick_ = 0;
};

} // namespace rtspproxy::bench
