// Histogram: counts durations in buckets that are 1/32 of their value wide (3 % resolution).
#pragma once

#include "tests/bench/common/clock.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace rtspproxy::bench {

class Histogram {
  public:
    void add(Nanoseconds value) {
        const auto clipped = static_cast<std::uint64_t>(std::max<Nanoseconds>(value, 0));
        ++buckets_[index(clipped)];
        ++count_;
        maximum_ = std::max(maximum_, value);
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] Nanoseconds maximum() const { return maximum_; }
    // The value that `share` (0…1) of the entries do not exceed.
    [[nodiscard]] Nanoseconds percentile(double share) const;

  private:
    static constexpr unsigned kSubBits = 5;
    static constexpr std::uint64_t kSubBuckets = 1U << kSubBits;

    // Below kSubBuckets one bucket a value; above it kSubBuckets buckets for each power of two.
    static std::size_t index(std::uint64_t value) {
        if (value < kSubBuckets)
            return value;
        const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
        return (static_cast<std::size_t>(exponent) + 1) * kSubBuckets + (value >> exponent) -
               kSubBuckets;
    }
    static Nanoseconds upper_bound(std::size_t bucket);

    std::array<std::uint64_t, (64 - kSubBits + 1) * kSubBuckets> buckets_{};
    std::uint64_t count_ = 0;
    Nanoseconds maximum_ = 0;
};

} // namespace rtspproxy::bench
