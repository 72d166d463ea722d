// DatagramSender: sends each batch of packets to a list of addresses with as few system calls as
// go.
//
// What is the same for all addresses (where the bytes are, how they are cut up) is written once a
// run of packets; the message headers, one an address and run, are made when either changes. All of
// one client's come together: it is woken once, and what the kernel knows of it is at hand.
//
// An address that cannot be sent something does not stop the others: what it is not sent is dropped
// and counted. Where a way refuses segmentation offload (GSO), packets leave one by one from then
// on, on that way only.
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
#include <span>
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

    // What one target was not sent.
    struct Loss {
        std::size_t target = 0; // its place in set_targets()
        std::uint64_t packets = 0;
        std::uint64_t bytes = 0;
    };

    // Waiting for room in the send buffer ends at once when `interrupted` becomes true.
    explicit DatagramSender(const std::atomic<bool>& interrupted) : interrupted_(interrupted) {}
    DatagramSender(const DatagramSender&) = delete; // headers point into it
    DatagramSender& operator=(const DatagramSender&) = delete;

    // Those that are targets already are still known for what they refuse.
    void set_targets(const std::vector<SocketAddress>& targets);
    [[nodiscard]] bool has_targets() const { return !targets_.empty(); }
    // Whether there is a target that has not refused segmentation.
    [[nodiscard]] bool may_segment() const { return refusing_ < targets_.size(); }

    Report send(const DatagramSocket& socket, const PacketBatch& batch, bool segment);
    // Of the last batch, at most one for each target.
    [[nodiscard]] std::span<const Loss> losses() const { return losses_; }

  private:
    struct Job; // one batch on its way
    struct Target {
        SocketAddress address;
        bool refuses_segments = false;
    };
    // What all messages of one run point to.
    struct Piece {
        iovec place{};
        alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> control{};
        bool segmented = false;
    };
    // A batch as it is cut up.
    struct Cut {
        std::vector<Run> runs;
        std::vector<Piece> pieces; // one a run

        // True if headers that point to the pieces are right for this batch, too.
        bool lay_out(const PacketBatch& batch, std::size_t max_segment);
    };
    // Messages, and what each is.
    struct Messages {
        struct Origin {
            std::size_t target;
            const Cut* cut;
            std::size_t run;
            [[nodiscard]] const Run& what() const { return cut->runs[run]; }
        };
        std::vector<mmsghdr> headers;
        std::vector<Origin> origins;

        void clear() {
            headers.clear();
            origins.clear();
        }
        void add(const SocketAddress& address, const Origin& origin, Piece& piece);
        [[nodiscard]] std::size_t size() const { return headers.size(); }
        // The first one behind `at` that is another target's.
        [[nodiscard]] std::size_t next_target(std::size_t at) const;
    };

    void add_messages(Messages& to, std::size_t target, Cut& cut, std::size_t first_packet) const;
    void send_messages(Job& job, Messages& messages);
    std::size_t after_error(Job& job, const Messages& messages, std::size_t at, int error);
    void send_rest_one_by_one(Job& job, std::size_t target, std::size_t first_packet);
    void drop(Job& job, const Messages& messages, std::size_t from, std::size_t to);
    bool wait_for_room(Job& job, int error) const;

    const std::atomic<bool>& interrupted_;
    std::vector<Target> targets_;
    std::size_t refusing_ = 0;        // how many targets refuse segments
    Cut runs_;                        // for most
    Cut singles_;                     // for targets that refuse segments
    Messages messages_;               // of all targets
    bool messages_are_valid_ = false; // if the cuts are the same
    std::vector<Loss> losses_;
};

} // namespace rtspproxy::fanout
