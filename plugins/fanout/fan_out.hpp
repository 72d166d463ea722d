// FanOut: the working part of element udpfanoutsink.
//
// A list of packets is copied once, cut into runs once, and sent to all destinations by as few
// system calls as go. Per list one lock is taken, for as long as it takes to see who is there, and
// once more if something was lost. What is collected for those that join is references. Memory is
// allocated only when destinations come, go or wait, and for lists longer than any before.
//
// add(), remove() and clear() must not overlap: they follow multiudpsink's own list of clients,
// which does not tell in which order it was changed.
#pragma once

#include "plugins/fanout/burst_sender.hpp"
#include "plugins/fanout/datagram_sender.hpp"
#include "plugins/fanout/outlets.hpp"
#include "plugins/fanout/packet_batch.hpp"
#include "plugins/fanout/shared.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace rtspproxy::fanout {

class FanOut {
  public:
    explicit FanOut(GstElement* element) : element_(element) {}

    // any thread
    FanOutSettings& settings() { return shared_.settings; }
    void set_send_duplicates(bool duplicates);
    [[nodiscard]] StructurePtr stats();
    [[nodiscard]] std::uint64_t bytes_to_serve() const { return shared_.counters.bytes_in; }
    [[nodiscard]] std::uint64_t bytes_served() const { return shared_.counters.bytes; }
    // Of one destination, nothing if it is unknown.
    [[nodiscard]] std::optional<Traffic> traffic(const char* host, int port);
    void add(const char* host, int port);
    void remove(const char* host, int port);
    void clear();
    void hold(const char* host, int port);
    void release(const char* host, int port);
    void begin_with(const char* host, int port, GstBufferList* packets,
                    std::optional<std::uint16_t> next);

    // state changes: nothing is rendered before start() and after stop()
    void start(Ref<GSocket> v4, Ref<GSocket> v6);
    void stop();
    void interrupt(bool interrupted) { interrupted_.store(interrupted); }

    // streaming thread
    void render(GstBuffer* buffer);
    void render(GstBufferList* list);

  private:
    enum class Sending { Undecided, Gso, Plain };
    using Receivers = std::vector<std::shared_ptr<Table::Destination>>;
    // A socket's part of the destinations that are live.
    struct Group {
        DatagramSender sender;
        Receivers receivers; // of sender's targets
    };

    void burst(Table::Begin begin);
    void render_list(); // what is in buffers_
    bool show_list(const Traffic& list);
    void queue_list();
    void renew_targets(const Table& table);
    void send_list(const Traffic& list);
    void tell_losses(const Receivers& unsent, const Traffic& list);
    void warn_of_unroutable();
    void announce(Sending sending);

    GstElement* const element_; // the element that this is a part of
    Shared shared_;
    Outlets outlets_;
    BurstSender bursts_{shared_, outlets_};
    std::atomic<bool> interrupted_{false};
    std::atomic<bool> can_segment_{false}; // while started

    // streaming thread
    std::vector<GstBuffer*> buffers_;                  // of the list that is rendered
    PacketBatch batch_;                                // the same, copied
    std::vector<QueuedPacket<Ref<GstBuffer>>> queued_; // the same, as queues want it
    bool had_waiting_ = false;                         // as the last list was shown
    std::array<Group, Outlets::kCount> groups_{Group{DatagramSender(interrupted_), {}},
                                               Group{DatagramSender(interrupted_), {}}};
    Receivers unroutable_;                 // live, and no socket leads there
    std::uint64_t targets_generation_ = 0; // of the table, when these were made
    bool warned_ = false;                  // of unroutable ones
    Sending sending_ = Sending::Undecided; // what was announced
};

} // namespace rtspproxy::fanout
