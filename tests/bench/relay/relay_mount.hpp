// RelayMount: one camera of the bare relay. What one read of its connection brings is sent to the
// players as it lies in the buffer.
#pragma once

#include "tests/bench/client/datagram_reader.hpp"
#include "tests/bench/client/rtsp_client.hpp"
#include "tests/bench/server/mount.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::bench {

struct RelayShared {
    Loop& loop;
    ReadBuffer buffer;
    DatagramReader datagrams;
};

class RelayMount : public Mount, private RtspClient::Listener {
  public:
    RelayMount(RelayShared& shared, UdpSender& udp, RtspClient::Options options);

    [[nodiscard]] std::string description() const override { return description_; }
    [[nodiscard]] std::vector<Fanout*> tracks() override;
    [[nodiscard]] std::string rtp_info(std::size_t) const override { return {}; }

  private:
    void connect();
    void on_set_up() override;
    void on_playing() override;
    void on_packet(std::uint8_t channel, std::span<std::uint8_t> packet, Nanoseconds now) override;
    void on_packets_end() override { flush(); }
    void on_ended(const std::string& reason) override;

    void flush();
    void read_media(std::size_t track);
    void stop_reading();

    RelayShared& shared_;
    UdpSender& udp_;
    RtspClient::Options options_;
    std::unique_ptr<RtspClient> camera_;
    std::string description_;
    std::vector<std::unique_ptr<Fanout>> fanouts_; // by track
    std::vector<int> datagram_sockets_;            // that the loop watches
    // Frames of one channel that lie side by side and have not been sent.
    std::span<std::uint8_t> run_;
    std::uint8_t run_channel_ = 0;
    std::vector<std::vector<std::uint8_t>> units_; // UDP: the access unit that arrives, by track
};

} // namespace rtspproxy::bench
