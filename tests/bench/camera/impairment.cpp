#include "tests/bench/camera/impairment.hpp"

#include <utility>
#include <vector>

namespace rtspproxy::bench {

// xorshift64: any generator will do that is the same everywhere.
bool Impairment::happens(double percent) {
    if (percent <= 0)
        return false;
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    constexpr std::uint64_t kSteps = 1'000'000;
    return static_cast<double>(state_ % kSteps) < percent / 100 * static_cast<double>(kSteps);
}

const PacketBatch& Impairment::apply(const PacketBatch& batch) {
    std::vector<std::span<const std::uint8_t>> packets;
    std::span<const std::uint8_t> rest(batch.bytes());
    for (const std::uint16_t size : batch.sizes()) {
        if (happens(loss_))
            ++lost_;
        else
            packets.push_back(rest.first(size));
        rest = rest.subspan(size);
    }
    for (std::size_t i = 0; i + 1 < packets.size(); ++i) {
        if (!happens(reorder_))
            continue;
        ++reordered_;
        std::swap(packets[i], packets[i + 1]);
        ++i;
    }
    result_.clear();
    for (const auto packet : packets)
        result_.append(packet);
    return result_;
}

} // namespace rtspproxy::bench
