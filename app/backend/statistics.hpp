// Statistics: what a mount has done and is doing, for the operator.
#pragma once

#include "app/backend/supervisor.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::backend {

// Totals since the mount was added.
struct TrafficIn {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;      // sequence numbers that never came (UDP and TCP)
    std::uint64_t reordered = 0; // came late, and were put back into their place
    std::uint64_t dropped = 0;   // came, and were not passed on: too late, malformed, before a key
                                 // frame, of a stray source
    std::uint64_t refused = 0;   // on a UDP port of the back end's, of others than that
    std::uint64_t stray_bytes = 0;    // between frames and messages, and belonged to neither
    std::uint64_t mended_answers = 0; // that were put into the form that rtspsrc reads

    TrafficIn& operator+=(const TrafficIn& other);
};

// What a media's fan-out has counted since the media was made.
struct TrafficOut {
    std::uint64_t packets = 0;   // handed to clients, each counted
    std::uint64_t bytes = 0;     // RTP, without what frames it
    std::uint64_t discarded = 0; // of these, packets that never left: the client read too slowly
    std::uint64_t kicked = 0;    // sessions that the proxy ended, and clients that it disconnected

    // What `now` has more than `before`.
    void add_since(const TrafficOut& now, const TrafficOut& before);
};

// RTCP packets that came from clients, in the same time.
struct ReportsIn {
    std::uint64_t taken = 0;
    std::uint64_t foreign = 0;   // refused: from an address that nobody has set up
    std::uint64_t malformed = 0; // refused: no valid RTCP
    std::uint64_t excess = 0;    // not looked at: more than a client needs

    // What `now` has more than `before`.
    void add_since(const ReportsIn& now, const ReportsIn& before);
};

// One track, since the mount's current media was made.
struct TrackStatistics {
    std::string media; // "video H264/90000"
    std::uint64_t packets = 0;
    std::optional<Time> silent_for;    // since its newest packet; nothing: there was none yet
    bool silent = false;               // others go on
    std::uint64_t silences = 0;        // how often that was so
    std::uint64_t source_changes = 0;  // another SSRC took the track over
    std::uint64_t foreign_dropped = 0; // packets of other SSRCs that did not
};

struct Audience {
    unsigned clients = 0;
    TrafficOut out;
    ReportsIn reports;
};

struct Statistics {
    std::string mount;
    std::string url; // masked
    State state = State::Idle;
    Time in_state{0};   // for how long
    std::string reason; // of the last failure; empty: none yet
    std::string transport;
    std::uint64_t attempts = 0; // to describe or to play it
    std::uint64_t probes = 0;   // whether it can be connected to, while it could not
    std::uint64_t outages = 0;
    Time lost_time{0}; // viewers wanted packets and there were none
    TrafficIn in;
    std::vector<TrackStatistics> tracks;
    TrafficOut out; // to all clients together
    ReportsIn reports;
    unsigned clients = 0;
    std::uint64_t clients_ever = 0;
};

// One line of JSON without a newline; times in seconds.
[[nodiscard]] std::string to_json(const Statistics& statistics);

} // namespace rtspproxy::backend
