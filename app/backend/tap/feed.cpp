#include "app/backend/tap/feed.hpp"

#include <utility>

namespace rtspproxy::backend {
namespace {

// What rtspsrc has in its hands, in this thread.
struct Hand {
    std::weak_ptr<Feed> feed;
    bool sample = false;
};
thread_local Hand hand;

} // namespace

void Feed::count_gap(const Lane::Packet& packet) {
    if (is_foreign(packet.ssrc))
        return;
    if (packet.ssrc != std::exchange(ssrc_, packet.ssrc))
        gaps_.clear();
    const std::uint64_t before = gaps_.counters().lost;
    gaps_.push(packet.sequence, 0, {}, [](std::monostate) {});
    if (const std::uint64_t missing = gaps_.counters().lost - before; missing != 0)
        lost(missing);
}

void Feed::lost(std::uint64_t packets) {
    lane_.lost(packets);
    ledger_->lost.fetch_add(packets, std::memory_order_relaxed);
}

bool Feed::add(Ref<GstBuffer> buffer) {
    const bool first = !list_;
    if (first)
        list_ = Ref<GstBufferList>::adopt(gst_buffer_list_new_sized(16));
    gst_buffer_list_add(list_.get(), buffer.release());
    return first;
}

void Feed::push() {
    if (list_)
        gst_pad_chain_list(sink_.get(), std::exchange(list_, nullptr).release());
}

void Feed::hand_over(const std::shared_ptr<Feed>& feed, bool sample) {
    hand = {feed, sample};
}

void Feed::take_back() {
    hand = {};
}

void Feed::established(const std::shared_ptr<Ledger>& ledger, GstPad* pad, GstPad* sink,
                       std::uint32_t ssrc, std::uint8_t payload_type) {
    const auto feed = hand.feed.lock();
    if (!feed || feed->ledger_ != ledger)
        return;
    feed->sink_ = Ref<GstPad>::share(sink);
    feed->lane_.establish(ssrc, payload_type);
    // The samples are for rtspsrc's own session only. Compared with, never looked into: the feed
    // may be gone before the pad.
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo*, gpointer owner) noexcept {
            return hand.sample && hand.feed.lock().get() == owner ? GST_PAD_PROBE_DROP
                                                                  : GST_PAD_PROBE_OK;
        },
        feed.get(), nullptr);
}

} // namespace rtspproxy::backend
