#include "plugins/rtp/access_unit.hpp"

#include <algorithm>

namespace rtspproxy::rtp {

AccessUnitGrouper::Decision AccessUnitGrouper::add(std::uint32_t timestamp, bool marker,
                                                   std::uint64_t now) {
    Decision decision;
    const bool new_timestamp = seen_any_ && timestamp != last_timestamp_;
    if (new_timestamp) {
        // Learn from how the previous access unit ended. One lost marker packet costs one step of
        // trust, not all of it; a stream without markers is found out after three access units.
        marker_runs_ = std::clamp(marker_runs_ + (last_marker_ ? 1 : -1), 0, 2 * kTrusted);
        decision.flush_before = pending_;
    }
    const bool starts_group = !pending_ || decision.flush_before;
    if (starts_group)
        group_start_ = now;
    decision.flush_after =
        marker || marker_runs_ < kTrusted || now - group_start_ >= group_timeout_;
    pending_ = !decision.flush_after;
    seen_any_ = true;
    last_marker_ = marker;
    last_timestamp_ = timestamp;
    return decision;
}

} // namespace rtspproxy::rtp
