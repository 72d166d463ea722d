#include "app/backend/tap/udp_feed.hpp"

#include "plugins/support/element.hpp"

#include <array>
#include <utility>

namespace rtspproxy::backend {
GstFlowReturn UdpFeed::take(Ref<GstBuffer> packet, GstPad* through) {
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new_sized(1));
    gst_buffer_list_add(list.get(), packet.release());
    return take(std::move(list), through);
}

GstFlowReturn UdpFeed::take(Ref<GstBufferList> packets, GstPad* through) {
    const std::uint64_t now = monotonic_now();
    flow_ = GST_FLOW_OK;
    through_ = through;
    queue_.set_latency(ledger_->latency_ms.load(std::memory_order_relaxed) * GST_MSECOND);
    packets = Ref<GstBufferList>::adopt(gst_buffer_list_make_writable(packets.release()));
    struct Call {
        UdpFeed* self;
        std::uint64_t now;
    } call{this, now};
    // Takes each buffer out, so that it has one owner and may be written to.
    gst_buffer_list_foreach(
        packets.get(),
        [](GstBuffer** buffer, guint, gpointer data) -> gboolean {
            const auto& [self, time] = *static_cast<Call*>(data);
            self->judge(Ref<GstBuffer>::adopt(std::exchange(*buffer, nullptr)), time);
            return TRUE;
        },
        &call);
    account();
    feed_->push();
    return flow_;
}

// The header is read once, here.
void UdpFeed::judge(Ref<GstBuffer> packet, std::uint64_t now) {
    std::array<std::uint8_t, rtp::kFixedHeaderSize> bytes{};
    if (gst_buffer_extract(packet.get(), 0, bytes.data(), bytes.size()) != bytes.size() ||
        bytes[0] >> 6 != 2) {
        ledger_->dropped.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (is_rtcp(bytes)) { // on the same port, for its own entrance
        pass_through(std::move(packet), false);
        return;
    }
    Item item{std::move(packet), Lane::Packet::read(bytes)};
    if (feed_->admits(item.header, now))
        enqueue(std::move(item), now);
    else
        feed_->keep(std::move(item), now, [&](Item&& next) { enqueue(std::move(next), now); });
}

void UdpFeed::enqueue(Item&& item, std::uint64_t now) {
    const auto emitter = [&](Item&& next) { emit(std::move(next), now); };
    if (item.header.ssrc != std::exchange(ssrc_, item.header.ssrc)) {
        queue_.flush(emitter);
        queue_.clear();
    }
    const std::uint16_t sequence = item.header.sequence;
    queue_.push(sequence, now, std::move(item), emitter);
}

void UdpFeed::emit(Item&& item, std::uint64_t now) {
    account(); // losses before it
    if (!feed_->attached()) {
        pass_through(std::move(item.buffer), false);
        return;
    }
    if (const auto header = feed_->sample(item.header, now))
        pass_through(sample_of(item.buffer.get(), *header), true);
    if (ledger_->open.load(std::memory_order_relaxed))
        feed_->add(std::move(item.buffer));
}

void UdpFeed::pass_through(Ref<GstBuffer> packet, bool sample) {
    Feed::hand_over(feed_, sample);
    const GstFlowReturn flow = gst_pad_chain(through_, packet.release());
    Feed::take_back();
    // What becomes of a sample there says nothing of the track: udpsrc would stop for good.
    if (flow == GST_FLOW_FLUSHING || (!sample && flow != GST_FLOW_OK))
        flow_ = flow;
}

void UdpFeed::account() {
    const auto& counters = queue_.counters();
    if (counters.lost != counted_.lost)
        feed_->lost(counters.lost - counted_.lost);
    if (counters.reordered != counted_.reordered)
        ledger_->reordered.fetch_add(counters.reordered - counted_.reordered,
                                     std::memory_order_relaxed);
    if (counters.dropped != counted_.dropped)
        ledger_->dropped.fetch_add(counters.dropped - counted_.dropped, std::memory_order_relaxed);
    counted_ = counters;
}

} // namespace rtspproxy::backend
