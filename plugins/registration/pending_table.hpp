// Which connections have not yet said what they are, since when, and which of them has to go when
// there are too many. Pure; belongs to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace rtspproxy::registration {

struct PendingLimits {
    std::size_t total = 512;
    std::size_t per_address = 128;
    std::chrono::milliseconds timeout{5000}; // to say what it is; and to say the next thing
};

class PendingTable {
  public:
    using Clock = std::chrono::steady_clock;
    using Id = std::uint64_t;

    // Why make_room() names a connection.
    enum class Crowded { Address, Total };
    struct Victim {
        Id id;
        Crowded reason;
    };

    // The connection that must be removed before one more of `address` may be added, if any: the
    // one that has been silent longest, or else the oldest. Newcomers are never refused: whoever
    // means to REGISTER or to play does so at once, whereas those that flood us wait.
    [[nodiscard]] std::optional<Victim> make_room(const std::string& address,
                                                  const PendingLimits& limits) const;

    void add(Id id, const std::string& address, Clock::time_point now);
    void spoke(Id id);                          // its first bytes came
    void restart(Id id, Clock::time_point now); // it was answered: a new deadline
    void remove(Id id);

    // A connection whose time is up at `now`, if any.
    [[nodiscard]] std::optional<Id> expired(const PendingLimits& limits,
                                            Clock::time_point now) const;
    // When the next one's time will be up.
    [[nodiscard]] std::optional<Clock::time_point> next_deadline(const PendingLimits& limits) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    // Increases with every add() and restart(): the order of deadlines, too.
    using Place = std::pair<std::uint64_t, Id>;
    struct Entry {
        std::string address;
        Clock::time_point since;
        Place place;
        bool silent = true;
    };
    struct Queue {
        std::set<Place> silent;
        std::set<Place> spoken;
        [[nodiscard]] std::size_t size() const { return silent.size() + spoken.size(); }
        [[nodiscard]] Id first_to_go() const {
            return silent.empty() ? spoken.begin()->second : silent.begin()->second;
        }
        std::set<Place>& where(bool is_silent) { return is_silent ? silent : spoken; }
    };

    [[nodiscard]] const Entry* oldest() const;
    void enqueue(Entry& entry);
    void dequeue(const Entry& entry);

    std::unordered_map<Id, Entry> entries_;
    Queue all_;
    std::unordered_map<std::string, Queue> by_address_;
    std::uint64_t next_place_ = 0;
};

} // namespace rtspproxy::registration
