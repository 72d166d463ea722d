// SourceRule: whose packets are a track's, where more than one source (SSRC) sends on it.
//
// The first source has the track. Packets of any other wait, at most kMostWaiting of them. Once the
// one that has the track sends again, they were strays, and are dropped. If it has been silent for
// twice the longest of its recent pauses (within kLeastPatience and kMostPatience) when another
// packet comes, the source that has waited longest takes the track over, and what waited is judged
// anew, in order. So a stray, or a burst of them between two pictures, costs nothing; a camera that
// goes over to another SSRC, even with each group of pictures, loses nothing and is late by one
// pause at each change.
//
// No timer: looked at as packets come. One thread; times are monotonic nanoseconds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace rtspproxy::backend {

template <class Item>
class SourceRule {
  public:
    static constexpr std::uint64_t kLeastPatience = 20'000'000;
    static constexpr std::uint64_t kMostPatience = 1'000'000'000;
    static constexpr std::size_t kMostWaiting = 512;
    static constexpr std::size_t kMostBytes = 1024 * 1024; // of what waits

    // Whether the packet goes on at once. If not, it is to be kept.
    [[nodiscard]] bool admits(std::uint32_t ssrc, std::uint64_t now) {
        return admits(ssrc, now, now);
    }
    // Of a packet that was not admitted, of `bytes` bytes. Calls emit(Item&&) for what goes on now.
    template <class Emit>
    void keep(std::uint32_t ssrc, std::size_t bytes, std::uint64_t now, Item&& item, Emit&& emit) {
        waiting_.push_back({ssrc, bytes, now, std::move(item)});
        bytes_ += bytes;
        while (waiting_.size() > kMostWaiting || bytes_ > kMostBytes)
            drop_oldest();
        if (now - last_ >= patience())
            judge_anew(now, emit);
    }

    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    [[nodiscard]] std::uint64_t takeovers() const { return takeovers_; }

  private:
    struct Waiting {
        std::uint32_t ssrc;
        std::size_t bytes;
        std::uint64_t arrival;
        Item item;
    };
    static constexpr std::uint64_t kFirstPause = 100'000'000; // nothing is known of it yet

    [[nodiscard]] std::uint64_t patience() const {
        return std::clamp(2 * longest_pause_, kLeastPatience, kMostPatience);
    }

    [[nodiscard]] bool admits(std::uint32_t ssrc, std::uint64_t arrival, std::uint64_t now) {
        if (ssrc == ssrc_ && known_) {
            if (arrival != last_)
                note_pause(arrival);
            if (!waiting_.empty())
                drop_all();
            return true;
        }
        // Whoever waits already goes first.
        if (known_ && (!waiting_.empty() || now - last_ < patience()))
            return false;
        takeovers_ += known_ ? 1 : 0;
        known_ = true;
        ssrc_ = ssrc;
        last_ = arrival;
        return true;
    }
    void note_pause(std::uint64_t arrival) {
        const std::uint64_t pause = std::min(arrival - last_, kMostPatience);
        longest_pause_ = std::max(pause, longest_pause_ - longest_pause_ / 16);
        last_ = arrival;
    }
    template <class Emit>
    void judge_anew(std::uint64_t now, Emit&& emit) {
        auto all = std::exchange(waiting_, {});
        bytes_ = 0;
        for (Waiting& each : all) {
            if (admits(each.ssrc, each.arrival, now)) {
                emit(std::move(each.item));
            } else {
                bytes_ += each.bytes;
                waiting_.push_back(std::move(each));
            }
        }
    }
    void drop_oldest() {
        bytes_ -= waiting_.front().bytes;
        waiting_.pop_front();
        ++dropped_;
    }
    void drop_all() {
        dropped_ += waiting_.size();
        waiting_.clear();
        bytes_ = 0;
    }

    bool known_ = false;
    std::uint32_t ssrc_ = 0;
    std::uint64_t last_ = 0; // when it sent
    std::uint64_t longest_pause_ = kFirstPause;
    std::deque<Waiting> waiting_;
    std::size_t bytes_ = 0;
    std::uint64_t dropped_ = 0, takeovers_ = 0;
};

} // namespace rtspproxy::backend
