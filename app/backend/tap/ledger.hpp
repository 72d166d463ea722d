// Ledger: what an rtspsrc's owner and the taps of its connections share. Any thread.
#pragma once

#include "app/backend/tap/sender_filter.hpp"
#include "plugins/support/guarded.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace rtspproxy::backend {

struct Ledger {
    std::string mount; // for messages
    // While the back end is wanted; afterwards nothing goes to the payloaders directly any more.
    std::atomic<bool> open{false};
    std::atomic<std::uint32_t> latency_ms{0}; // that a gap waits for a late UDP packet
    // Whether a feed counts the losses: what rtspsrc's buffers miss is among them.
    std::atomic<bool> fed{false};
    // Since it was made, see TrafficIn.
    std::atomic<std::uint64_t> lost{0}, reordered{0}, dropped{0}, refused{0};
    // Bytes between frames and messages that belonged to nothing; answers that were put into form.
    std::atomic<std::uint64_t> stray_bytes{0}, mended_answers{0};
    // Of the newest connection: who is at its other end.
    Guarded<std::optional<HostAddress>> peer;
};

// Of one track, for as long as there is the media: packets of other sources than the one that had
// the track, which were dropped; and how often another one took it over.
struct TrackLedger {
    std::atomic<std::uint64_t> foreign{0}, takeovers{0};
};

// The ledger of the rtspsrc whose requests this thread sends: what it makes belongs to that.
inline thread_local std::weak_ptr<Ledger> ledger_of_this_thread;

} // namespace rtspproxy::backend
