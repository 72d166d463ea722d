// Swarm: starts players, keeps them, and reports on them.
#pragma once

#include "tests/bench/swarm/options.hpp"
#include "tests/bench/swarm/player.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::bench {

class Swarm {
  public:
    Swarm(Loop& loop, SwarmOptions options);

    void start();
    void leave();
    // Runs a command from stdin; returns the line that answers it.
    [[nodiscard]] std::string run(const std::vector<std::string_view>& words);
    // Everybody plays, gets complete frames and has never missed any, nor seen any twice.
    [[nodiscard]] bool flawless() const;
    [[nodiscard]] std::string json() const;
    [[nodiscard]] std::string text() const;

  private:
    struct Counts {
        std::size_t playing = 0;
        std::size_t fed = 0; // have had a packet in the last second
    };

    void start_player();
    void start_later(Nanoseconds when, unsigned count);
    void on_player_ended(bool had_played, const std::string& reason);
    void live_and_leave(Player* player);
    void remove(const Player* player);
    void remove_ended();
    void pause(std::size_t count);
    void resume();
    void leave_some(std::size_t count);
    void reset();
    [[nodiscard]] Counts count() const;

    Loop& loop_;
    SwarmOptions options_;
    PlayerShared shared_;
    std::vector<std::unique_ptr<Player>> players_;
    std::uint64_t started_ = 0;
    std::uint64_t disconnects_ = 0;               // ended by the server while playing
    std::map<std::string, std::uint64_t> failed_; // before they played, by reason
    std::map<std::string, std::uint64_t> ended_;  // while they played, by reason
    Nanoseconds begun_ = monotonic_now();         // or reset
};

} // namespace rtspproxy::bench
