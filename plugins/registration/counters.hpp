// What the front door did, counted. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace rtspproxy::registration {

enum class Counter {
    Accepted,
    Passed,
    Unclaimed,
    Registered,
    Deregistered,
    Reused,
    Challenged,
    RefusedLogin,
    RefusedLockedOut,
    RefusedDisabled,
    RefusedMalformed,
    RefusedByHandler,
    DroppedTimeout,
    DroppedCrowdedAddress,
    DroppedCrowdedTotal,
    DroppedClosed,
    DroppedError,
};

// Name in the element's `stats` structure, and meaning.
struct CounterDescription {
    Counter counter;
    const char* name;
    const char* meaning;
};
inline constexpr std::array kCounterDescriptions{
    CounterDescription{Counter::Accepted, "accepted", "connections accepted"},
    CounterDescription{Counter::Passed, "passed",
                       "connections handed over by the signal connection"},
    CounterDescription{Counter::Unclaimed, "unclaimed", "connections that no handler took: 503"},
    CounterDescription{Counter::Registered, "registered", "REGISTER requests answered 200"},
    CounterDescription{Counter::Deregistered, "deregistered", "DEREGISTER requests answered 200"},
    CounterDescription{Counter::Reused, "reused", "connections handed out by the signal reuse"},
    CounterDescription{Counter::Challenged, "challenged", "requests without (current) login: 401"},
    CounterDescription{Counter::RefusedLogin, "refused-login", "wrong user or password: 401"},
    CounterDescription{Counter::RefusedLockedOut, "refused-locked-out",
                       "requests of an address with too many failed logins: 403"},
    CounterDescription{Counter::RefusedDisabled, "refused-disabled", "not enabled: 405"},
    CounterDescription{Counter::RefusedMalformed, "refused-malformed",
                       "malformed or oversized requests, bad URLs and suffixes: 400"},
    CounterDescription{Counter::RefusedByHandler, "refused-by-handler",
                       "requests that a handler answered with another status than 200"},
    CounterDescription{Counter::DroppedTimeout, "dropped-timeout",
                       "connections that did not say in time what they are"},
    CounterDescription{Counter::DroppedCrowdedAddress, "dropped-crowded-address",
                       "waiting connections dropped for newer ones of the same address"},
    CounterDescription{Counter::DroppedCrowdedTotal, "dropped-crowded-total",
                       "waiting connections dropped for newer ones"},
    CounterDescription{Counter::DroppedClosed, "dropped-closed",
                       "connections that the peer closed while they were waiting"},
    CounterDescription{Counter::DroppedError, "dropped-error",
                       "connections lost to a failed system call, such as for want of descriptors"},
};

class Counters {
  public:
    void count(Counter counter) { slot(counter).fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t get(Counter counter) const {
        return values_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
    }
    // Connections that wait to be told apart, now.
    std::atomic<std::uint64_t> pending{0};

  private:
    std::atomic<std::uint64_t>& slot(Counter counter) {
        return values_[static_cast<std::size_t>(counter)];
    }
    std::array<std::atomic<std::uint64_t>, kCounterDescriptions.size()> values_{};
};

} // namespace rtspproxy::registration
