// UdpSender: the UDP ports of a bench server. One packet batch goes to any number of clients with
// sendmmsg, runs of equal packets as one message each (UDP_SEGMENT, generic segmentation offload).
#pragma once

#include "tests/bench/common/loop.hpp"
#include "tests/bench/common/socket.hpp"
#include "tests/bench/server/packet_batch.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace rtspproxy::bench {

class UdpSender {
  public:
    using OnControl = std::function<void(std::span<const std::uint8_t> packet)>;

    // Throws std::runtime_error if no ports are free. `on_control` gets the clients' RTCP.
    UdpSender(Loop& loop, const Address& address, OnControl on_control);

    [[nodiscard]] std::uint16_t rtp_port() const { return ports_.rtp_port(); }
    // While muted nothing is sent, as if a firewall were in between.
    void set_muted(bool muted) { muted_ = muted; }
    void send(const PacketBatch& batch, std::span<const Address> clients);
    void send_control(std::span<const std::uint8_t> packet, std::span<const Address> clients);

  private:
    // A run of packets that leaves as one message.
    struct Run {
        iovec place;
        std::uint16_t segment;
        bool segmented;
        alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> control;
    };

    void find_runs(const PacketBatch& batch);
    void fill_messages(std::span<const Address> clients);
    bool send_messages(int fd);
    void drain();
    void read_control();

    UdpPair ports_;
    OnControl on_control_;
    std::vector<Run> runs_;
    std::vector<mmsghdr> messages_;
    bool segmentation_ = true;
    bool muted_ = false;
};

} // namespace rtspproxy::bench
