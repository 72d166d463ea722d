// DatagramSender: sends each batch of packets to a list of addresses with as few system calls as
// go.
//
// What is the same for all addresses (where the bytes are, how they are cut up) is written once a
// run of packets; the message headers, one an address, are made when the addresses change.
#pragma once

#include "plugins/fanout/datagram_socket.hpp"
#include "plugins/fanout/packet_batch.hpp"
#include "plugins/fanout/segmentation.hpp"
#include "plugins/fanout/socket_address.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace rtspproxy::fanout {

class DatagramSender {
  public:
    // What became of a batch, summed over all addresses.
    struct Report {
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
        std::uint64_t dropped = 0;  // packets
        std::uint64_t messages = 0; // that held more than one packet

        Report& operator+=(const Report& other) {
            packets += other.packets;
            bytes += other.bytes;
            dropped += other.dropped;
            messages += other.messages;
            return *this;
        }
    };

    // Waiting for room in the send buffer ends at once when `interrupted` becomes true.
    explicit DatagramSender(const std::atomic<bool>& interrupted) : interrupted_(interrupted) {}
    DatagramSender(const DatagramSender&) = delete; // headers point into it
    DatagramSender& operator=(const DatagramSender&) = delete;

    void set_targets(std::vector<SocketAddress> targets);
    [[nodiscard]] bool has_targets() const { return !targets_.empty(); }

    Report send(DatagramSocket& socket, const PacketBatch& batch, bool segment);

  private:
    struct Job; // one batch on its way

    void send_run(Job& job, const Run& run);
    void send_packets(Job& job, const Run& run, std::size_t from);
    std::size_t send_messages(Job& job, const Run& run, std::size_t from);
    bool may_go_on(Job& job, const Run& run, int error);
    void set_control(const Run& run);
    [[nodiscard]] bool wait_for_room(int descriptor) const;

    const std::atomic<bool>& interrupted_;
    std::vector<Run> runs_;
    std::vector<SocketAddress> targets_;
    std::vector<mmsghdr> messages_; // one a target; each points to place_ and control_
    iovec place_{};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> control_{};
    bool with_control_ = false; // whether messages_ have it
};

} // namespace rtspproxy::fanout
