// UdpFeed: a feed whose packets come by UDP, late, twice or never: puts them in order first, by the
// rule of rtprelaybuffer, so that what rtspsrc gets is in order, too. Streaming thread.
#pragma once

#include "app/backend/tap/feed.hpp"
#include "app/backend/tap/ledger.hpp"
#include "plugins/rtp/reorder.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <memory>

namespace rtspproxy::backend {

class UdpFeed {
  public:
    explicit UdpFeed(std::shared_ptr<Ledger> ledger)
        : ledger_(std::move(ledger)), feed_(std::make_shared<Feed>(ledger_)) {}

    // Gives `through` what rtspsrc has to get of it; its answer.
    GstFlowReturn take(Ref<GstBuffer> packet, GstPad* through);
    GstFlowReturn take(Ref<GstBufferList> packets, GstPad* through);

  private:
    using Item = Feed::Kept;
    using Queue = rtp::ReorderQueue<Item>;

    void judge(Ref<GstBuffer> packet, std::uint64_t now);
    void enqueue(Item&& item, std::uint64_t now);
    void emit(Item&& item, std::uint64_t now);
    void pass_through(Ref<GstBuffer> packet, bool sample);
    void account();

    const std::shared_ptr<Ledger> ledger_;
    const std::shared_ptr<Feed> feed_;
    Queue queue_{0};
    Queue::Counters counted_;
    std::uint32_t ssrc_ = 0; // of what is in the queue
    GstPad* through_ = nullptr;
    GstFlowReturn flow_ = GST_FLOW_OK;
};

} // namespace rtspproxy::backend
