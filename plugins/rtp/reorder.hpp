// ReorderQueue<T>: puts late packets back into their place without a thread or a timer.
//
// In-order packets pass straight through. Behind a gap packets are held, until the gap is filled or
// the oldest has waited `latency`; that is looked at whenever a packet arrives, so a silent back
// end keeps what it sent last but one waiting no longer than until its next packet.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace rtspproxy::rtp {

template <class T>
class ReorderQueue {
  public:
    struct Counters {
        std::uint64_t lost = 0;      // sequence numbers given up
        std::uint64_t reordered = 0; // arrived late, but in time
        std::uint64_t dropped = 0;   // duplicates, and packets later than `latency`
    };

    explicit ReorderQueue(std::uint64_t latency) : latency_(latency) {}

    // Nanoseconds that a gap is waited for; 0 passes everything on as it comes.
    void set_latency(std::uint64_t latency) { latency_ = latency; }

    // Calls emit(T&&) for each packet that may go on now, in order. `now`: monotonic nanoseconds.
    template <class Emit>
    void push(std::uint16_t sequence, std::uint64_t now, T&& item, Emit&& emit) {
        if (latency_ == 0 && held_.empty()) {
            pass_unordered(sequence, std::move(item), emit);
            return;
        }
        const std::int16_t ahead = started_ ? sequence_distance(next_, sequence) : 0;
        if (started_ && (ahead > kMaxAhead || ahead < -kMaxAhead)) { // the back end started afresh
            flush(emit);
            started_ = false;
        }
        if (!started_ || ahead == 0) {
            if (!held_.empty())
                ++counters_.reordered;
            pass(sequence, std::move(item), emit);
        } else if (ahead < 0) {
            ++counters_.dropped;
        } else {
            if (held_.empty())
                gap_since_ = now;
            if (!held_.emplace(extend(sequence), std::move(item)).second)
                ++counters_.dropped;
        }
        while (!held_.empty() && (now - gap_since_ >= latency_ || held_.size() > kMaxHeld))
            skip_gap(now, emit);
    }

    // Sends on what is held, gaps and all.
    template <class Emit>
    void flush(Emit&& emit) {
        while (!held_.empty())
            skip_gap(gap_since_, emit);
    }

    void clear() {
        held_.clear();
        started_ = false;
    }

    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    static constexpr std::int16_t kMaxAhead = 3000; // RFC 3550 A.1, MAX_DROPOUT
    static constexpr std::size_t kMaxHeld = 2048;

    [[nodiscard]] std::uint64_t extend(std::uint16_t sequence) const {
        return next_extended_ + static_cast<std::uint64_t>(sequence_distance(next_, sequence));
    }

    template <class Emit>
    void pass_unordered(std::uint16_t sequence, T&& item, Emit&& emit) {
        const std::int16_t ahead = started_ ? sequence_distance(next_, sequence) : 0;
        if (ahead > 0 && ahead <= kMaxAhead)
            counters_.lost += static_cast<std::uint64_t>(ahead);
        if (!started_ || ahead >= 0 || ahead < -kMaxAhead)
            advance_past(sequence);
        emit(std::move(item));
    }

    template <class Emit>
    void pass(std::uint16_t sequence, T&& item, Emit&& emit) {
        advance_past(sequence);
        emit(std::move(item));
        drain(emit);
    }

    void advance_past(std::uint16_t sequence) {
        started_ = true;
        next_ = static_cast<std::uint16_t>(sequence + 1);
        ++next_extended_;
    }

    template <class Emit>
    void drain(Emit&& emit) {
        while (!held_.empty() && held_.begin()->first == next_extended_) {
            auto node = held_.extract(held_.begin());
            next_ = static_cast<std::uint16_t>(next_ + 1);
            ++next_extended_;
            emit(std::move(node.mapped()));
        }
    }

    template <class Emit>
    void skip_gap(std::uint64_t now, Emit&& emit) {
        const std::uint64_t gap = held_.begin()->first - next_extended_;
        counters_.lost += gap;
        next_ = static_cast<std::uint16_t>(next_ + gap);
        next_extended_ += gap;
        gap_since_ = now; // whatever gap follows waits for its own time
        drain(emit);
    }

    std::uint64_t latency_;
    bool started_ = false;
    std::uint16_t next_ = 0;
    // The same without wrapping; starts high so that it stays above what is subtracted from it.
    std::uint64_t next_extended_ = std::uint64_t{1} << 32;
    std::uint64_t gap_since_ = 0;
    std::map<std::uint64_t, T> held_;
    Counters counters_;
};

} // namespace rtspproxy::rtp
