// Feed: the way of one track's RTP to its payloader, beside rtspsrc.
//
// The pad that rtspsrc adds while it handles a packet is that packet's: so the feed whose packet
// rtspsrc has in its hands is remembered, by thread, and is told of the pad. No channel and no port
// need be looked up. All methods: in the streaming thread of the track.
#pragma once

#include "app/backend/tap/lane.hpp"
#include "app/backend/tap/ledger.hpp"
#include "plugins/rtp/reorder.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <variant>

namespace rtspproxy::backend {

class Feed {
  public:
    explicit Feed(std::shared_ptr<Ledger> ledger) : ledger_(std::move(ledger)) {
        ledger_->fed.store(true);
    }

    // Which way the next packet goes. `now`: monotonic nanoseconds.
    [[nodiscard]] Lane::Step next(const Lane::Packet& packet, std::uint64_t now) {
        return lane_.next(packet, now);
    }
    [[nodiscard]] bool is_foreign(std::uint32_t ssrc) const { return lane_.is_foreign(ssrc); }
    // Before next(), for what comes in order: what is missing is lost.
    void count_gap(const Lane::Packet& packet);
    void lost(std::uint64_t packets);
    // What goes the direct way, a packet or frames of several ones (rtp/frames.hpp); it leaves with
    // push(), as one list. True: it is the first of it.
    bool add(Ref<GstBuffer> buffer);
    void push();

    // Before rtspsrc is given a packet of this feed, and when it is done with it. `sample`: one
    // that went to the payloader already.
    static void hand_over(const std::shared_ptr<Feed>& feed, bool sample);
    static void take_back();
    // The rtspsrc that `ledger` belongs to has made `pad`, for what it has in its hands, and that
    // was linked to `sink`. Does nothing if what it has is no feed's.
    static void established(const std::shared_ptr<Ledger>& ledger, GstPad* pad, GstPad* sink,
                            std::uint32_t ssrc, std::uint8_t payload_type);

  private:
    // Rule and counters of the connections that keep their order.
    using Gaps = rtp::ReorderQueue<std::monostate>;

    const std::shared_ptr<Ledger> ledger_;
    Lane lane_;
    Gaps gaps_{0};
    std::uint32_t ssrc_ = 0;
    Ref<GstPad> sink_; // of the payloader
    Ref<GstBufferList> list_;
};

} // namespace rtspproxy::backend
