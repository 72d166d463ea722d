// DatagramSender: sends each batch of packets to a list of addresses with as few system calls as
// go.
//
// What is the same for all addresses (where the bytes are, how they are cut up) is written once a
// run of packets; the message headers, one an address and run, are made when either changes. All of
// one client's come together: it is woken once, and what the kernel knows of it is at hand.
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

        void count(const Run& run) {
            packets += run.packets;
            bytes += run.length;
            messages += run.segmented() ? 1 : 0;
        }
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
    // What all messages of one run point to.
    struct Piece {
        iovec place{};
        alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> control{};
        bool segmented = false;
    };

    void lay_out(const PacketBatch& batch, std::size_t first_target, std::size_t last_target);
    std::size_t send_messages(Job& job);
    void send_rest_one_by_one(Job& job, std::size_t target, std::size_t first_packet);
    bool may_go_on(Job& job, const Run& run, int error);
    [[nodiscard]] bool wait_for_room(int descriptor) const;

    const std::atomic<bool>& interrupted_;
    std::vector<SocketAddress> targets_;
    std::vector<Run> runs_;
    std::vector<Piece> pieces_;       // one a run
    std::vector<mmsghdr> messages_;   // for each target all runs
    bool messages_are_valid_ = false; // for all targets, and runs that are like pieces_
};

} // namespace rtspproxy::fanout
