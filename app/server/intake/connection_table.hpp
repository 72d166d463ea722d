// Which connections there are, of which addresses, and which one goes when there are too many.
// Pure; belongs to whoever holds its lock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace rtspproxy::server {

struct ConnectionLimits {
    std::size_t total = 10'000;
    std::size_t per_address = 2000; // IPv6: of one /64 network
};

class ConnectionTable {
  public:
    using Clock = std::chrono::steady_clock;
    using Id = std::uint64_t;

    // So long a connection is left to send its first request, however many wait.
    static constexpr std::chrono::seconds kGrace{1};

    explicit ConnectionTable(const ConnectionLimits& limits) : limits_(limits) {}

    // Why one more of `address` has no place, if so.
    enum class Crowded { Address, Total };
    [[nodiscard]] std::optional<Crowded> crowded(const std::string& address) const;
    // The connection that may go for it: the oldest, of that address if it is the address that is
    // crowded, that has not sent a whole request though it had the time to.
    [[nodiscard]] std::optional<Id> victim(Crowded why, const std::string& address,
                                           Clock::time_point now) const;

    Id add(const std::string& address, Clock::time_point now);
    void prove(Id id); // it has sent a whole request
    void remove(Id id);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        std::string address;
        Clock::time_point since;
    };
    struct Same {
        std::size_t count = 0;
        std::set<Id> unproven;
    };

    const ConnectionLimits limits_;
    std::unordered_map<Id, Entry> entries_;
    std::set<Id> unproven_;
    std::unordered_map<std::string, Same> by_address_;
    Id next_ = 1;
};

} // namespace rtspproxy::server
