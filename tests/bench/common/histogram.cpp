#include "tests/bench/common/histogram.hpp"

#include <cmath>

namespace rtspproxy::bench {

Nanoseconds Histogram::upper_bound(std::size_t bucket) {
    if (bucket < kSubBuckets)
        return static_cast<Nanoseconds>(bucket);
    const std::size_t exponent = bucket / kSubBuckets - 1;
    const std::size_t within = bucket % kSubBuckets + kSubBuckets;
    return static_cast<Nanoseconds>(((within + 1) << exponent) - 1);
}

Nanoseconds Histogram::percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= wanted && seen > 0)
            return std::min(upper_bound(i), maximum_);
    }
    return 0;
}

} // namespace rtspproxy::bench
