// ReorderQueue<T>: puts late packets back into their place without a thread or a timer.
//
// In-order packets pass straight through. Behind a gap packets are held, until the gap is filled or
// the oldest has waited `latency`; that is looked at whenever a packet arrives, so a silent back
// end keeps what it sent last but one waiting no longer than until its next packet.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
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
        if (started_ && counts_afresh(sequence, ahead)) {
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
            hold(extend(sequence), now, std::move(item));
        }
        while (!held_.empty() && (now - oldest_ >= latency_ || held_.size() > kMaxHeld))
            skip_gap(emit);
    }

    // Sends on what is held, gaps and all.
    template <class Emit>
    void flush(Emit&& emit) {
        while (!held_.empty())
            skip_gap(emit);
    }

    void clear() {
        held_.clear();
        started_ = false;
        afresh_from_.reset();
    }

    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    static constexpr std::size_t kMaxHeld = 2048;

    struct Held {
        std::uint64_t since;
        T item;
    };

    // A number far from the one that is due; or, nearer behind it, two in a row (RFC 3550 A.1): one
    // alone is a straggler.
    [[nodiscard]] bool counts_afresh(std::uint16_t sequence, std::int16_t ahead) {
        if (ahead > kMaxDropout || ahead < -kMaxDropout)
            return true;
        if (ahead >= -kMaxMisorder) {
            afresh_from_.reset();
            return false;
        }
        const auto next = static_cast<std::uint16_t>(sequence + 1);
        return std::exchange(afresh_from_, next) == sequence;
    }

    [[nodiscard]] std::uint64_t extend(std::uint16_t sequence) const {
        return next_extended_ + static_cast<std::uint64_t>(sequence_distance(next_, sequence));
    }

    template <class Emit>
    void pass_unordered(std::uint16_t sequence, T&& item, Emit&& emit) {
        const std::int16_t ahead = started_ ? sequence_distance(next_, sequence) : 0;
        if (ahead > 0 && ahead <= kMaxDropout)
            counters_.lost += static_cast<std::uint64_t>(ahead);
        if (!started_ || ahead >= 0 || ahead < -kMaxDropout)
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

    void hold(std::uint64_t extended, std::uint64_t now, T&& item) {
        const bool late = !held_.empty() && extended < held_.rbegin()->first;
        if (held_.empty())
            oldest_ = now;
        if (!held_.try_emplace(extended, Held{now, std::move(item)}).second)
            ++counters_.dropped;
        else if (late)
            ++counters_.reordered;
    }

    template <class Emit>
    void drain(Emit&& emit) {
        if (held_.empty() || held_.begin()->first != next_extended_)
            return;
        while (!held_.empty() && held_.begin()->first == next_extended_) {
            auto node = held_.extract(held_.begin());
            next_ = static_cast<std::uint16_t>(next_ + 1);
            ++next_extended_;
            emit(std::move(node.mapped().item));
        }
        // The next gap is as old as the first packet that came behind it.
        oldest_ = ~std::uint64_t{0};
        for (const auto& [extended, held] : held_)
            oldest_ = std::min(oldest_, held.since);
    }

    template <class Emit>
    void skip_gap(Emit&& emit) {
        const std::uint64_t gap = held_.begin()->first - next_extended_;
        counters_.lost += gap;
        next_ = static_cast<std::uint16_t>(next_ + gap);
        next_extended_ += gap;
        drain(emit);
    }

    std::uint64_t latency_;
    bool started_ = false;
    std::uint16_t next_ = 0;
    // The same without wrapping; starts high so that it stays above what is subtracted from it.
    std::uint64_t next_extended_ = std::uint64_t{1} << 32;
    std::map<std::uint64_t, Held> held_;
    std::uint64_t oldest_ = 0;                 // arrival of the oldest packet held
    std::optional<std::uint16_t> afresh_from_; // a second straggler with this number is none
    Counters counters_;
};

} // namespace rtspproxy::rtp
