// Player: one client of the swarm.
#pragma once

#include "tests/bench/client/datagram_reader.hpp"
#include "tests/bench/client/rtsp_client.hpp"
#include "tests/bench/swarm/stream_checker.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::bench {

// What all players share.
struct PlayerShared {
    Loop& loop;
    ReadBuffer buffer;
    DatagramReader datagrams;
    Totals totals;
    StartTotals starts;
};

class Player : private RtspClient::Listener {
  public:
    using OnEnded = std::function<void(bool had_played, const std::string& reason)>;

    // `on_ended` is called if the server ends it, or refuses it.
    Player(PlayerShared& shared, const RtspClient::Options& options, OnEnded on_ended);
    ~Player() override { stop_reading(); }
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    void start() { client_->start(); }
    void leave();
    void set_paused(bool paused);
    void restart_clock();

    [[nodiscard]] bool playing() const { return playing_; }
    [[nodiscard]] bool ended() const { return ended_; }
    // When the last packet of any track came; 0 if none has.
    [[nodiscard]] Nanoseconds last_packet() const;

  private:
    void on_set_up() override;
    void on_playing() override { playing_ = true; }
    void on_packet(std::uint8_t channel, std::span<std::uint8_t> packet, Nanoseconds now) override;
    void on_ended(const std::string& reason) override;

    void read_media(std::size_t track);
    void read_control(std::size_t track);
    void stop_reading();

    PlayerShared& shared_;
    OnEnded on_ended_;
    std::unique_ptr<RtspClient> client_;
    std::vector<StreamChecker> checkers_; // by track
    std::vector<int> datagram_sockets_;   // that the loop watches
    bool playing_ = false;
    bool ended_ = false;
};

} // namespace rtspproxy::bench
