// AccessUnitGrouper: decides which packets travel together, so that everything behind the relay
// handles one list an access unit instead of one buffer a packet.
//
// An access unit ends with its marker, where the payload format says so or where the stream itself
// has shown that it keeps to it. A stream that does not is relayed packet by packet: waiting for a
// marker that never comes would delay it.
#pragma once

#include <cstdint>

namespace rtspproxy::rtp {

class AccessUnitGrouper {
  public:
    struct Decision {
        bool flush_before = false; // what is pending ends before this packet
        bool flush_after = false;  // this packet is the last of its group
    };

    // `trust_marker`: the payload format ends each access unit with the marker bit.
    // `group_timeout`: longest time in nanoseconds that a packet waits for the rest of its access
    // unit; checked when packets arrive, so that a camera which paces a frame over its whole
    // interval is relayed in slices.
    AccessUnitGrouper(bool trust_marker, std::uint64_t group_timeout)
        : marker_runs_(trust_marker ? kTrusted : 0), group_timeout_(group_timeout) {}

    // `now`: any monotonic clock, in nanoseconds.
    [[nodiscard]] Decision add(std::uint32_t timestamp, bool marker, std::uint64_t now);

    // What is pending was pushed or dropped by the caller's own decision (flush, end of stream).
    void reset() { pending_ = false; }

    void set_group_timeout(std::uint64_t group_timeout) { group_timeout_ = group_timeout; }

  private:
    // So many access units in a row must have ended with a marker before one is waited for.
    static constexpr int kTrusted = 3;

    int marker_runs_;
    std::uint64_t group_timeout_;
    bool pending_ = false;
    bool seen_any_ = false;
    bool last_marker_ = false;
    std::uint32_t last_timestamp_ = 0;
    std::uint64_t group_start_ = 0;
};

} // namespace rtspproxy::rtp
