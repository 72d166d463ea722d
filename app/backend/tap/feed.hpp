// Feed: the way of one track's RTP to its payloader, beside rtspsrc.
//
// Where it leads is learnt from the first packet that rtspsrc handles: the entrance of its session
// (inlet.hpp) that this one comes to is the track's. Which feed's packet that is, is remembered by
// thread, so that no channel and no port need be looked up. All methods: in the streaming thread of
// the track.
#pragma once

#include "app/backend/tap/lane.hpp"
#include "app/backend/tap/ledger.hpp"
#include "app/backend/tap/source_rule.hpp"
#include "app/backend/tap/track_outlet.hpp"
#include "plugins/rtp/reorder.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace rtspproxy::backend {

class Feed {
  public:
    struct Kept {
        Ref<GstBuffer> buffer; // one packet
        Lane::Packet header;
    };

    explicit Feed(std::shared_ptr<Ledger> ledger) : ledger_(std::move(ledger)) {
        ledger_->fed.store(true);
    }

    // Whether the packet is of the source that has the track; if not, it is to be kept. `now`:
    // monotonic nanoseconds.
    [[nodiscard]] bool admits(const Lane::Packet& packet, std::uint64_t now) {
        const bool admitted = rule_.admits(packet.ssrc, now);
        if (rule_.dropped() != accounted_drops_)
            account();
        return admitted;
    }
    // Calls emit(Kept&&) for what goes on now, because its source has taken the track over.
    template <class Emit>
    void keep(Kept&& packet, std::uint64_t now, Emit&& emit) {
        const std::uint32_t ssrc = packet.header.ssrc;
        const std::size_t bytes = gst_buffer_get_size(packet.buffer.get());
        rule_.keep(ssrc, bytes, now, std::move(packet), std::forward<Emit>(emit));
        account();
    }

    // For what comes in order: what is missing is lost.
    void count_gap(const Lane::Packet& packet);
    void lost(std::uint64_t packets);

    // Whether it is known where the track's packets go. Until then they go through rtspsrc, to its
    // entrance.
    [[nodiscard]] bool attached() const { return outlet_ != nullptr; }
    void attach(std::shared_ptr<TrackOutlet> outlet, GstCaps* caps);
    // What the packet, which goes directly, is to rtspsrc.
    [[nodiscard]] std::optional<Lane::Packet> sample(const Lane::Packet& packet, std::uint64_t now);
    // What goes the direct way, a packet or frames of several ones (rtp/frames.hpp); it leaves with
    // push(), as one list. True: it is the first of it.
    bool add(Ref<GstBuffer> buffer);
    void push();

    // Before rtspsrc is given a packet of this feed, and when it is done with it. `sample`: one
    // that went to the payloader already.
    static void hand_over(const std::shared_ptr<Feed>& feed, bool sample);
    static void take_back();
    // What rtspsrc has in its hands in this thread.
    struct Hand {
        std::shared_ptr<Feed> feed; // null: what it has is no feed's of this ledger
        bool sample = false;
    };
    [[nodiscard]] static Hand in_hand(const std::shared_ptr<Ledger>& ledger);

  private:
    // Rule and counters of the connections that keep their order.
    using Gaps = rtp::ReorderQueue<std::monostate>;

    void account();

    const std::shared_ptr<Ledger> ledger_;
    SourceRule<Kept> rule_;
    std::uint64_t accounted_drops_ = 0;
    Lane lane_;
    Gaps gaps_{0};
    std::uint32_t ssrc_ = 0;   // of the gaps
    std::uint32_t source_ = 0; // of what went directly last
    bool has_source_ = false;
    std::shared_ptr<TrackOutlet> outlet_;
    Ref<GstBufferList> list_;
};

// The packet as rtspsrc's session gets it; the original stays as it is.
[[nodiscard]] Ref<GstBuffer> sample_of(GstBuffer* packet, const Lane::Packet& header);

} // namespace rtspproxy::backend
