// Receiver: one client's place in a track's fan-out, however its bytes leave.
#pragma once

#include "app/delivery/access_unit.hpp"
#include "app/delivery/batch_sender.hpp"

#include <memory>
#include <vector>

namespace rtspproxy::delivery {

// An RTCP packet with a frame header in front of it, whose channel each receiver sets.
using RtcpPtr = std::shared_ptr<const std::vector<std::uint8_t>>;

class Receiver {
  public:
    virtual ~Receiver() = default;
    struct Outcome {
        std::uint64_t packets = 0; // that were meant for the client, and their bytes
        std::uint64_t bytes = 0;
        std::uint64_t discarded = 0; // packets of these, or of earlier ones, that will never leave
        unsigned kicked = 0;         // the client was disconnected, for it did not read

        [[nodiscard]] static Outcome of(const AccessUnit& unit) {
            return {unit.packets(), unit.packet_bytes(), 0, 0};
        }
        Outcome& operator+=(const Outcome& other) {
            packets += other.packets;
            bytes += other.bytes;
            discarded += other.discarded;
            kicked += other.kicked;
            return *this;
        }
    };
    // Streaming thread, one call at a time. What happened earlier is told once, with the next call.
    virtual Outcome deliver(const AccessUnitPtr& unit) = 0;
    // Streaming thread. deliver() in two parts, for many receivers at once: if a single send is all
    // that it takes, prepare() says which and finish() must follow, with its result; what it locks
    // stays locked in between, so nothing that waits for a lock may. False: use deliver(), once
    // those that are prepared are finished.
    virtual bool prepare(const AccessUnitPtr&, Send&) { return false; }
    virtual Outcome finish(const AccessUnitPtr&, const Send&) { return {}; }
    // Any thread.
    virtual void deliver_rtcp(const RtcpPtr& packet) = 0;
    // The client was told that it plays: it gets `burst`, then what was delivered meanwhile, then
    // the rest as it comes. Once more: it was told so again.
    virtual Outcome begin(std::vector<AccessUnitPtr> burst) = 0;
    // Nothing leaves from the return of this until the next begin(), but what is kept meanwhile.
    virtual void suspend() {}
    // Nothing more leaves for this client and track. Any thread, more than once.
    virtual Outcome end() = 0;
};
using ReceiverPtr = std::shared_ptr<Receiver>;

} // namespace rtspproxy::delivery
