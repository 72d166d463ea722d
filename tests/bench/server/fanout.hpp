// Fanout: the players of one track, over TCP and UDP.
#pragma once

#include "tests/bench/server/connection.hpp"
#include "tests/bench/server/packet_batch.hpp"
#include "tests/bench/server/udp_sender.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace rtspproxy::bench {

class Fanout {
  public:
    explicit Fanout(UdpSender& udp) : udp_(udp) {}

    // RTP goes to `channel`, RTCP to the next one.
    void add_tcp(Connection& connection, std::uint8_t channel);
    void add_udp(Connection& connection, const Address& rtp, const Address& rtcp);
    void remove(const Connection& connection);
    [[nodiscard]] std::size_t players() const { return tcp_.size() + udp_owners_.size(); }

    // Sends one access unit. UDP players get `impaired` instead, if it is not null.
    void send(const PacketBatch& unit, const PacketBatch* impaired, bool key_frame);
    // Sends whole interleaved frames that bear `channel`, to TCP players.
    void send_framed(std::span<std::uint8_t> framed, std::uint8_t channel);
    void send_control(std::span<const std::uint8_t> packet);

  private:
    struct TcpPlayer {
        Connection* connection;
        std::uint8_t channel;
    };

    UdpSender& udp_;
    std::vector<TcpPlayer> tcp_; // sorted by channel
    std::vector<const Connection*> udp_owners_;
    std::vector<Address> udp_rtp_;
    std::vector<Address> udp_rtcp_;
    std::vector<std::uint8_t> framed_;
};

} // namespace rtspproxy::bench
