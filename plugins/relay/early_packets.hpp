// EarlyPackets: what a back end sends before it may be passed on, as far as viewers can use it
// then: of video whose key frames can be told everything since the last one, and the parameter sets
// before that; of anything else the newest second. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace rtspproxy::relay {

template <class Item>
class EarlyPackets {
  public:
    static constexpr std::size_t kMostBytes = 4 * 1024 * 1024;
    static constexpr std::uint64_t kSpan = 1'000'000'000; // of what has no key frames; nanoseconds
    // What waited for longer than this after it came is not shown any more.
    static constexpr std::uint64_t kStale = 5'000'000'000;

    struct Description {
        std::size_t packets = 1;
        std::size_t bytes = 0;
        std::uint32_t timestamp = 0;
        bool key_frame = false; // the start of one is in it
        bool picture = true;
    };

    // Another source begins: nothing is kept of the last one. Returns how many packets were
    // dropped, as the others do.
    std::size_t begin(bool tells_key_frames) {
        tells_key_frames_ = tells_key_frames;
        last_timestamp_.reset();
        return clear();
    }
    // `now`: monotonic nanoseconds.
    std::size_t add(Item&& item, const Description& what, std::uint64_t now) {
        std::size_t dropped = 0;
        const bool starts = what.key_frame && last_timestamp_ != what.timestamp;
        last_timestamp_ = what.timestamp;
        if (tells_key_frames_ && starts)
            dropped += drop_through_last_picture();
        bytes_ += what.bytes;
        held_.push_back({std::move(item), what, now});
        while (!held_.empty() && !tells_key_frames_ && now - held_.front().arrival > kSpan)
            dropped += drop_first();
        while (!held_.empty() && bytes_ > kMostBytes)
            dropped += tells_key_frames_ ? clear() : drop_first(); // half a group is of no use
        return dropped;
    }
    [[nodiscard]] bool empty() const { return held_.empty(); }
    // Calls function(Item&&) for what is kept, in order, unless it is stale.
    template <class Function>
    std::size_t take(std::uint64_t now, Function&& function) {
        if (!held_.empty() && now > held_.back().arrival + kStale)
            return clear();
        for (auto& each : std::exchange(held_, {}))
            function(std::move(each.item));
        bytes_ = 0;
        return 0;
    }
    std::size_t clear() {
        std::size_t dropped = 0;
        while (!held_.empty())
            dropped += drop_first();
        return dropped;
    }

  private:
    struct Held {
        Item item;
        Description what;
        std::uint64_t arrival;
    };

    std::size_t drop_first() {
        const Description what = held_.front().what;
        bytes_ -= what.bytes;
        held_.pop_front();
        return what.packets;
    }
    std::size_t drop_through_last_picture() {
        const auto last = std::find_if(held_.rbegin(), held_.rend(),
                                       [](const Held& each) { return each.what.picture; });
        std::size_t dropped = 0;
        for (auto left = held_.rend() - last; left > 0; --left)
            dropped += drop_first();
        return dropped;
    }

    bool tells_key_frames_ = false;
    std::optional<std::uint32_t> last_timestamp_;
    std::deque<Held> held_;
    std::size_t bytes_ = 0;
};

} // namespace rtspproxy::relay
