#include "plugins/fanout/segmentation.hpp"

namespace rtspproxy::fanout {
namespace {

// Whether a packet of `size` bytes may be the next one of `run`.
bool fits(const Run& run, std::size_t size, std::size_t max_segment) {
    const bool closed = run.length != run.packets * run.segment; // its last packet was shorter
    return !closed && run.segment <= max_segment && size <= run.segment &&
           run.packets < kMaxSegments && run.length + size <= kMaxMessageSize;
}

} // namespace

void split_runs(std::span<const std::size_t> sizes, std::size_t max_segment,
                std::vector<Run>& runs) {
    runs.clear();
    std::size_t offset = 0;
    std::size_t number = 0;
    for (const std::size_t size : sizes) {
        if (size == 0) {
            ++number;
            continue;
        }
        // A packet that was left out ends a run: its packets are counted on from the first one.
        if (!runs.empty() && runs.back().first + runs.back().packets == number &&
            fits(runs.back(), size, max_segment)) {
            runs.back().length += size;
            ++runs.back().packets;
        } else {
            runs.push_back({offset, size, number, 1, static_cast<std::uint16_t>(size)});
        }
        offset += size;
        ++number;
    }
}

} // namespace rtspproxy::fanout
