// Totals: what all clients of a swarm have seen together.
#pragma once

#include "tests/bench/common/histogram.hpp"

#include <cstdint>
#include <limits>

namespace rtspproxy::bench {

// Can be set back to zero while clients play, to measure a steady window.
struct Totals {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;        // of RTP packets
    std::uint64_t gaps = 0;         // in sequence numbers
    std::uint64_t lost_packets = 0; // missing in the gaps and not seen later
    std::uint64_t duplicates = 0;
    std::uint64_t reordered = 0; // late packets that filled a gap
    std::uint64_t ssrc_changes = 0;
    std::uint64_t timestamps_back = 0;
    std::uint64_t malformed = 0;

    std::uint64_t frames = 0; // complete access units
    std::uint64_t key_frames = 0;
    std::uint64_t lost_frames = 0;     // numbers that are missing between complete access units
    std::uint64_t repeated_frames = 0; // numbers seen again
    std::uint64_t frame_restarts = 0;  // numbers that went back: the camera was restarted
    std::uint64_t frames_after_gap_not_key = 0;
    std::uint64_t resumes = 0; // packets after a silence
    std::uint64_t resumes_not_key = 0;
    Nanoseconds longest_silence = 0; // between two packets of a video track
    // Largest difference between elapsed time and advance of the RTP timestamp, since the first
    // access unit (or the last reset).
    Nanoseconds clock_deviation = 0;
    Histogram latency; // last packet of an access unit received − access unit sent

    std::uint64_t sender_reports = 0;
    std::uint64_t byes = 0;
    // Wall-clock time of the newest packet by the report's mapping, less the real one.
    Nanoseconds report_offset_minimum = std::numeric_limits<Nanoseconds>::max();
    Nanoseconds report_offset_maximum = std::numeric_limits<Nanoseconds>::min();
};

// How clients began; never reset.
struct StartTotals {
    std::uint64_t not_key_starts = 0; // the first access unit was not a key frame
    Histogram first_packet;           // since PLAY was sent
    Histogram first_key_frame;        // … until a key frame was complete
};

} // namespace rtspproxy::bench
