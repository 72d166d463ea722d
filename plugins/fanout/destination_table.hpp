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

    std::uint64_t bytes_per_second = 0; // 0: as fast as it goes
};

struct Traffic {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;

    Traffic& operator+=(const Traffic& other) {
        packets += other.packets;
        bytes += other.bytes;
        return *this;
    }
    [[nodiscard]] Traffic since(const Traffic& earlier) const {
        return {packets - earlier.packets, bytes - earlier.bytes};
    }
    bool operator==(const Traffic&) const = default;
};

template <class Packet>
class DestinationTable {
  public:
    using Item = QueuedPacket<Packet>;
    struct Key {
        std::string host;
        int port = 0;
        auto operator<=>(const Key&) const = default;
    };
    class Destination;
    // A part of a queue, to be sent now.
    struct Portion {
        std::shared_ptr<Destination> destination;
        SocketAddress address;
        std::vector<Packet> packets;
    };

    // A destination that was held and is not added is forgotten after so many nanoseconds; one that
    // was added and is not told what to begin with begins without.
    static constexpr std::uint64_t kHoldTime = 10'000'000'000;
    static constexpr std::uint64_t kTellTime = 1'000'000'000;

    // `now` is of any monotonic clock, in nanoseconds.

    // From now on what is rendered is collected for it. No effect on one that was added.
    void hold(const Key& key, std::uint64_t now) {
        if (auto [place, inserted] = all_.try_emplace(key); inserted) {
            place->second = std::make_shared<Destination>();
            waiting_.push_back(place->second);
            place->second->held_until = now + kHoldTime;
        } else {
            place->second->held_until = now + kHoldTime;
        }
    }
    enum class Begin {
        Refused, // it gets packets already
        Later,   // once it is added and told what it begins with, or at once without a queue
        Now,     // it has a queue to be sent
    };
    // What a destination gets first, once it is added. One that was held may have been added
    // before.
    Begin begin_with(const Key& key, std::vector<Item> packets, std::uint64_t now) {
        hold(key, now);
        Destination& destination = *all_.find(key)->second;
        if (destination.phase != Phase::Held)
            return Begin::Refused;
        destination.queue.begin_with(std::move(packets));
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
        if (destination.times_added++ != 0)
            return Begin::Later;
        destination.address = address;
        if (destination.phase != Phase::Held)
            return Begin::Later;
        destination.held_until = now + kTellTime;
        return destination.told ? catch_up(destination, now) : Begin::Later;
    }
    void remove(const Key& key) {
        const auto place = all_.find(key);
        if (place == all_.end())
            return;
        ++generation_;
        Destination& destination = *place->second;
        if (destination.times_added > 1) {
            --destination.times_added;
            return;
        }
        drop_waiting(destination);
        destination.phase = Phase::Gone;
        all_.erase(place);
    }
    void clear() {
        for (auto& [key, destination] : all_)
            destination->phase = Phase::Gone;
        all_.clear();
        waiting_.clear();
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
    // Before a list is sent to those that are live. Returns how many queues were given up because
    // they grew beyond `max_bytes`.
    unsigned collect(std::span<const Item> list, std::size_t max_bytes, std::uint64_t now) {
        expire(now);
        unsigned given_up = 0;
        for (std::size_t i = waiting_.size(); i-- > 0;) {
            Destination& destination = *waiting_[i];
            if (!list.empty() && follows_directly(destination, list.front())) {
                go_live_and_leave(destination);
                continue;
            }
            const auto fits = [&](const Item& item) {
                return destination.queue.collect(item, max_bytes);
            };
            if (!std::ranges::all_of(list, fits)) {
                ++given_up;
                settle(destination); // goes on with this very list
            }
        }
        return given_up;
    }
    // A list went to all that are live.
    void passed(const Traffic& list) { passed_ += list; }

    // Changes with what for_each_live() gives.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    // Calls function(address, how often it was added).
    template <class Function>
    void for_each_live(Function&& function) const {
        for (const auto& [key, destination] : all_)
            if (destination->phase == Phase::Live)
                function(destination->address, destination->times_added);
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
            destination->allowance -= static_cast<std::int64_t>(taken);
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
        if (place->second->phase == Phase::Live)
            traffic += passed_.since(place->second->joined);
        return traffic;
    }
    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    enum class Phase { Held, CatchingUp, Live, Gone };

    // With the packets of its share, so that none is left over that is sent alone a moment later.
    static constexpr std::int64_t kLeastShare = 8 * 1024;

    Begin catch_up(Destination& destination, std::uint64_t now) {
        destination.phase = Phase::CatchingUp;
        destination.allowance = Pace::kAtOnce;
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
        ++generation_;
    }
    void drop_waiting(const Destination& destination) {
        std::erase_if(waiting_, [&](const auto& one) { return one.get() == &destination; });
    }
    static std::size_t share_of(Destination& destination, const Pace& pace, std::uint64_t now) {
        if (pace.bytes_per_second == 0)
            return Pace::kAtOnce;
        constexpr std::uint64_t kSecond = 1'000'000'000;
        const std::uint64_t elapsed = std::min(now - destination.allowed_at, kSecond);
        destination.allowance = std::min<std::int64_t>(
            Pace::kAtOnce, destination.allowance + static_cast<std::int64_t>(
                                                       elapsed * pace.bytes_per_second / kSecond));
        destination.allowed_at = now;
        return destination.allowance >= kLeastShare
                   ? static_cast<std::size_t>(destination.allowance)
                   : 0;
    }

    std::map<Key, std::shared_ptr<Destination>> all_;
    std::vector<std::shared_ptr<Destination>> waiting_; // held or catching up
    std::size_t next_turn_ = 0;
    std::uint64_t generation_ = 1;
    Traffic passed_; // what one that was always live would have been sent
};

template <class Packet>
class DestinationTable<Packet>::Destination {
    friend class DestinationTable;

    Phase phase = Phase::Held;
    SocketAddress address;
    unsigned times_added = 0;
    BurstQueue<Packet> queue;
    std::uint64_t held_until = 0;
    std::int64_t allowance = 0; // bytes that may be sent now, as of allowed_at
    std::uint64_t allowed_at = 0;
    bool told = false;       // what it begins with
    bool on_its_way = false; // packets were taken and are not sent yet
    Traffic traffic;         // less what it was sent since it is live
    Traffic joined;          // passed_ when it went live
};

} // namespace rtspproxy::fanout
