// DestinationTable<Packet>: who is sent what. Not thread-safe, and sends nothing itself.
//
// A destination is *held* (not added yet, but what is rendered is collected for it), *catching up*
// (added, and sent its queue bit by bit) or *live* (sent each list as it is rendered). It changes
// over when its queue is empty, so that it gets every packet once and in order.
#pragma once

#include "plugins/fanout/burst_queue.hpp"
#include "plugins/fanout/socket_address.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::fanout {

// How fast a destination is sent its queue.
struct Pace {
    // Bytes of the beginning and of any part: a receive buffer of the usual size (208 KiB, which
    // hold some 90 packets) must not overrun while its reader sleeps for a moment.
    static constexpr std::size_t kAtOnce = 32 * 1024;

    std::uint64_t bits_per_second = 0; // 0: as fast as it goes; less than 2^32
};

struct Traffic {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;

    Traffic& operator+=(const Traffic& other) {
        packets += other.packets;
        bytes += other.bytes;
        return *this;
    }
    Traffic& operator-=(const Traffic& other) {
        packets -= other.packets;
        bytes -= other.bytes;
        return *this;
    }
    [[nodiscard]] Traffic times(unsigned count) const { return {packets * count, bytes * count}; }
    [[nodiscard]] Traffic since(const Traffic& earlier) const {
        return {packets - earlier.packets, bytes - earlier.bytes};
    }
    bool operator==(const Traffic&) const = default;
};

template <class Packet>
class DestinationTable {
  public:
    using Item = QueuedPacket<Packet>;
    using Key = std::pair<std::string, int>; // host and port, as the user wrote them
    struct Destination;
    // A part of a queue, to be sent now.
    struct Portion {
        std::shared_ptr<Destination> destination;
        SocketAddress address;
        std::vector<Packet> packets;
    };

    // Of queues that grew too long.
    struct Overflows {
        std::uint64_t queues = 0;
        std::uint64_t packets = 0; // that were in them, or would have been, and were not sent
    };

    // A destination that was held and is not added is forgotten after so many nanoseconds; one that
    // was added and is not told what to begin with begins without.
    static constexpr std::uint64_t kHoldTime = 10'000'000'000;
    static constexpr std::uint64_t kTellTime = 1'000'000'000;
    // More are not held before they are added: each costs as much memory and time as one that is
    // served.
    static constexpr std::size_t kMaxHeld = 64;

    // `now` is of any monotonic clock, in nanoseconds.

    // From now on what is rendered is collected for it. No effect on one that was added. False if
    // too many are held.
    bool hold(const Key& key, std::uint64_t now) {
        auto place = all_.find(key);
        if (place == all_.end()) {
            if (held() >= kMaxHeld)
                return false;
            place = all_.emplace(key, std::make_shared<Destination>()).first;
            waiting_.push_back(place->second);
        }
        place->second->held_until = now + kHoldTime;
        return true;
    }
    // It will not be added: no effect on one that was. Returns what is no longer needed.
    std::shared_ptr<Destination> release(const Key& key) {
        const auto place = all_.find(key);
        if (place == all_.end() || !is_held(*place->second))
            return nullptr;
        auto destination = std::move(place->second);
        all_.erase(place);
        drop_waiting(*destination);
        destination->phase = Phase::Gone;
        return destination;
    }
    enum class Begin {
        Refused, // it gets packets already, or too many are held
        Later,   // once it is added and told what it begins with, or at once without a queue
        Now,     // it has a queue to be sent
    };
    // What a destination gets first, once it is added, and what is next (see BurstQueue). One that
    // was held may have been added before.
    Begin begin_with(const Key& key, std::vector<Item> packets, std::uint64_t now,
                     std::optional<std::uint16_t> next = std::nullopt) {
        if (!hold(key, now))
            return Begin::Refused;
        Destination& destination = *all_.find(key)->second;
        if (destination.phase != Phase::Held)
            return Begin::Refused;
        const std::uint64_t dropped = destination.queue.dropped();
        destination.queue.begin_with(std::move(packets), next);
        overflows_.packets += destination.queue.dropped() - dropped;
        destination.told = true;
        return destination.times_added != 0 ? catch_up(destination, now) : Begin::Later;
    }
    Begin add(const Key& key, const SocketAddress& address, std::uint64_t now) {
        auto& place = all_[key];
        if (!place) {
            place = std::make_shared<Destination>();
            place->phase = Phase::Live;
            place->joined = passed_;
        }
        Destination& destination = *place;
        ++generation_;
        settle_account(destination);
        if (destination.times_added++ != 0)
            return Begin::Later;
        destination.address = address;
        if (destination.phase != Phase::Held)
            return Begin::Later;
        destination.held_until = now + kTellTime;
        return destination.told ? catch_up(destination, now) : Begin::Later;
    }
    // Returns what is no longer needed.
    std::shared_ptr<Destination> remove(const Key& key) {
        const auto place = all_.find(key);
        if (place == all_.end())
            return nullptr;
        ++generation_;
        const auto destination = place->second;
        if (destination->times_added > 1) {
            settle_account(*destination);
            --destination->times_added;
            return nullptr;
        }
        drop_waiting(*destination);
        destination->phase = Phase::Gone;
        all_.erase(place);
        return destination;
    }
    std::map<Key, std::shared_ptr<Destination>> clear() {
        for (auto& [key, destination] : all_)
            destination->phase = Phase::Gone;
        waiting_.clear();
        ++generation_;
        return std::exchange(all_, {});
    }
    // Whether one that was added several times is sent as many of each. At first so.
    void set_duplicates(bool duplicates) {
        for (auto& [key, destination] : all_)
            settle_account(*destination);
        duplicates_ = duplicates;
        ++generation_;
    }
    // Nothing is sent for a while: queues would be stale by then.
    void forget_queues() {
        const auto waiting = std::exchange(waiting_, {});
        for (const auto& destination : waiting)
            if (destination->times_added != 0)
                go_live(*destination);
        std::erase_if(all_, [](const auto& entry) { return entry.second->phase == Phase::Held; });
    }

    // Whether packets have to be shown to collect().
    [[nodiscard]] bool has_waiting() const { return !waiting_.empty(); }
    // Before a list is sent to those that are live. A queue that would grow beyond `max_bytes` is
    // given up: the destination goes on with this list or, if a part of its queue is on its way,
    // with one that comes behind that.
    void collect(std::span<const Item> list, std::size_t max_bytes, std::uint64_t now) {
        expire(now);
        if (list.empty())
            return;
        for (std::size_t i = waiting_.size(); i-- > 0;) {
            if (follows_directly(*waiting_[i], list.front()))
                go_live_and_leave(*waiting_[i]);
            else
                collect_for(*waiting_[i], list, max_bytes);
        }
    }
    [[nodiscard]] const Overflows& overflows() const { return overflows_; }
    void reset_overflows() { overflows_ = {}; }
    // A list is sent to all that are live.
    void passed(const Traffic& list) { passed_ += list; }
    // But this one did not get so much of it.
    void lost(Destination& destination, const Traffic& traffic) { destination.traffic -= traffic; }

    // Changes with what for_each_live() gives.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    // Calls function(shared pointer to the destination, how many of each packet it is sent).
    template <class Function>
    void for_each_live(Function&& function) const {
        for (const auto& [key, destination] : all_)
            if (destination->phase == Phase::Live)
                function(destination, copies(*destination));
    }

    // Whether anybody's queue is to be sent.
    [[nodiscard]] bool has_queues() const {
        return std::ranges::any_of(waiting_, [](const auto& destination) {
            return destination->phase == Phase::CatchingUp && !destination->queue.empty();
        });
    }
    // What may be sent now, of whoever has waited longest; nothing if all have had their share.
    std::optional<Portion> take(const Pace& pace, std::uint64_t now) {
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            next_turn_ = (next_turn_ + 1) % waiting_.size();
            const auto& destination = waiting_[next_turn_];
            if (destination->phase != Phase::CatchingUp || destination->queue.empty() ||
                destination->on_its_way)
                continue;
            const std::size_t share = share_of(*destination, pace, now);
            if (share == 0)
                continue;
            Portion portion{destination, destination->address, {}};
            const std::size_t taken = destination->queue.take(share, portion.packets);
            if (pace.bits_per_second != 0)
                destination->allowance -= allowance_for(std::min(taken, kLongest));
            destination->on_its_way = true;
            return portion;
        }
        return std::nullopt;
    }
    // What was taken has been sent.
    void sent(Destination& destination, const Traffic& traffic) {
        destination.on_its_way = false;
        destination.traffic += traffic;
        settle(destination);
    }

    [[nodiscard]] std::optional<Traffic> traffic(const Key& key) const {
        const auto place = all_.find(key);
        if (place == all_.end())
            return std::nullopt;
        Traffic traffic = place->second->traffic;
        traffic += since_joined(*place->second);
        return traffic;
    }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    enum class Phase { Held, CatchingUp, Live, Gone };

    // With the packets of its share, so that none is left over that is sent alone a moment later.
    static constexpr std::size_t kLeastShare = 8 * 1024;
    static constexpr std::size_t kLongest = 1024 * 1024; // no packet that can be sent is longer
    // Allowances are counted so finely that nothing is lost in rounding, however slow the pace: in
    // bits a second times nanoseconds.
    static constexpr std::int64_t kAllowancePerByte = 8'000'000'000;
    static constexpr std::int64_t allowance_for(std::size_t bytes) {
        return static_cast<std::int64_t>(bytes) * kAllowancePerByte;
    }

    static bool is_held(const Destination& destination) {
        return destination.phase == Phase::Held && destination.times_added == 0;
    }
    [[nodiscard]] std::size_t held() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(waiting_, [](const auto& one) { return is_held(*one); }));
    }
    Begin catch_up(Destination& destination, std::uint64_t now) {
        destination.phase = Phase::CatchingUp;
        destination.allowance = allowance_for(Pace::kAtOnce);
        destination.allowed_at = now;
        const bool queued = !destination.queue.empty();
        settle(destination);
        return queued ? Begin::Now : Begin::Later;
    }
    // Those that nobody told anything catch up with the next list's packets.
    void expire(std::uint64_t now) {
        for (std::size_t i = waiting_.size(); i-- > 0;) {
            Destination& destination = *waiting_[i];
            if (destination.phase == Phase::Held && destination.times_added != 0 &&
                destination.held_until <= now)
                catch_up(destination, now);
        }
        const auto expired = [now](const Destination& destination) {
            return destination.phase == Phase::Held && destination.held_until <= now;
        };
        if (std::erase_if(waiting_, [&](const auto& one) { return expired(*one); }) != 0)
            std::erase_if(all_, [&](const auto& entry) { return expired(*entry.second); });
    }
    void collect_for(Destination& destination, std::span<const Item> list, std::size_t max_bytes) {
        auto& queue = destination.queue;
        const bool gave_up_before = queue.gave_up();
        const bool all_new = !queue.begun_with(list.front().sequence);
        const std::size_t queued = queue.size();
        const std::uint64_t dropped = queue.dropped();
        for (const Item& item : list)
            queue.collect(item, max_bytes);
        if (!queue.gave_up())
            return;
        overflows_.queues += gave_up_before ? 0 : 1;
        if (all_new && destination.phase == Phase::CatchingUp && !destination.on_its_way) {
            overflows_.packets += queued; // the list itself is not lost
            go_live_and_leave(destination);
        } else if (!gave_up_before || destination.times_added != 0) {
            overflows_.packets += queue.dropped() - dropped;
        }
    }
    // A destination with nothing to send, and a list behind all that it began with.
    static bool follows_directly(const Destination& destination, const Item& item) {
        return destination.phase == Phase::CatchingUp && !destination.on_its_way &&
               destination.queue.empty() && !destination.queue.begun_with(item.sequence);
    }
    void settle(Destination& destination) {
        if (destination.phase == Phase::CatchingUp && !destination.on_its_way &&
            destination.queue.caught_up())
            go_live_and_leave(destination);
    }
    void go_live_and_leave(Destination& destination) {
        go_live(destination);
        drop_waiting(destination);
    }
    void go_live(Destination& destination) {
        destination.phase = Phase::Live;
        destination.joined = passed_;
        destination.queue = {};
        ++generation_;
    }
    void drop_waiting(const Destination& destination) {
        std::erase_if(waiting_, [&](const auto& one) { return one.get() == &destination; });
    }
    static std::size_t share_of(Destination& destination, const Pace& pace, std::uint64_t now) {
        constexpr std::uint64_t kSecond = 1'000'000'000;
        const std::uint64_t elapsed = std::min(now - destination.allowed_at, kSecond);
        destination.allowed_at = now;
        if (pace.bits_per_second == 0)
            return Pace::kAtOnce;
        destination.allowance = std::min(
            allowance_for(Pace::kAtOnce),
            destination.allowance + static_cast<std::int64_t>(elapsed * pace.bits_per_second));
        return destination.allowance >= allowance_for(kLeastShare)
                   ? static_cast<std::size_t>(destination.allowance / kAllowancePerByte)
                   : 0;
    }

    [[nodiscard]] unsigned copies(const Destination& destination) const {
        return duplicates_ ? destination.times_added : 1;
    }
    [[nodiscard]] Traffic since_joined(const Destination& destination) const {
        return destination.phase == Phase::Live
                   ? passed_.since(destination.joined).times(copies(destination))
                   : Traffic{};
    }
    // Before it is sent another number of copies.
    void settle_account(Destination& destination) {
        destination.traffic += since_joined(destination);
        destination.joined = passed_;
    }

    std::map<Key, std::shared_ptr<Destination>> all_;
    std::vector<std::shared_ptr<Destination>> waiting_; // held or catching up
    std::size_t next_turn_ = 0;
    std::uint64_t generation_ = 1;
    Traffic passed_; // what one that was always live would have been sent
    Overflows overflows_;
    bool duplicates_ = true;
};

template <class Packet>
struct DestinationTable<Packet>::Destination {
    Phase phase = Phase::Held;
    SocketAddress address;
    unsigned times_added = 0;
    BurstQueue<Packet> queue;
    std::uint64_t held_until = 0;
    std::int64_t allowance = 0; // for what may be sent now, as of allowed_at
    std::uint64_t allowed_at = 0;
    bool told = false;       // what it begins with
    bool on_its_way = false; // packets were taken and are not sent yet
    Traffic traffic;         // what it was sent up to `joined`, less what it lost since
    Traffic joined;          // passed_ when it went live, or its number of copies changed
};

} // namespace rtspproxy::fanout
