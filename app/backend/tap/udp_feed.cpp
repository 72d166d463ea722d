#include "app/backend/tap/udp_feed.hpp"

#include "plugins/support/element.hpp"

#include <array>
#include <utility>

namespace rtspproxy::backend {
namespace {

void set_sequence(GstBuffer* buffer, std::uint16_t sequence) {
    std::array<std::uint8_t, 2> bytes{};
    rtp::write_u16(bytes, 0, sequence);
    gst_buffer_fill(buffer, 2, bytes.data(), bytes.size());
}

} // namespace

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
            self->enqueue(Ref<GstBuffer>::adopt(std::exchange(*buffer, nullptr)), time);
            return TRUE;
        },
        &call);
    account();
    feed_->push();
    return flow_;
}

// The header is read once, here.
void UdpFeed::enqueue(Ref<GstBuffer> packet, std::uint64_t now) {
    std::array<std::uint8_t, rtp::kFixedHeaderSize> bytes{};
    if (gst_buffer_extract(packet.get(), 0, bytes.data(), bytes.size()) != bytes.size() ||
        bytes[0] >> 6 != 2) {
        pass_through(std::move(packet), false); // for rtspsrc to judge
        return;
    }
    const auto header = Lane::Packet::read(bytes);
    const auto emitter = [&](Item&& next) { emit(std::move(next), now); };
    if (feed_->is_foreign(header.ssrc)) {
        queue_.flush(emitter); // it may be the end of the source that these are of
        emit({std::move(packet), header}, now);
        return;
    }
    if (header.ssrc != std::exchange(ssrc_, header.ssrc)) {
        queue_.flush(emitter);
        queue_.clear();
    }
    queue_.push(header.sequence, now, {std::move(packet), header}, emitter);
}

void UdpFeed::emit(Item&& item, std::uint64_t now) {
    account(); // losses before it
    const auto step = feed_->next(item.header, now);
    auto packet = std::move(item.buffer);
    if (step.through && step.direct) {
        auto copy = Ref<GstBuffer>::adopt(gst_buffer_copy_deep(packet.get()));
        set_sequence(copy.get(), step.through_sequence);
        pass_through(std::move(copy), true);
    } else if (step.through) {
        feed_->push(); // it comes after what went directly
        packet = Ref<GstBuffer>::adopt(gst_buffer_make_writable(packet.release()));
        set_sequence(packet.get(), step.through_sequence);
        pass_through(std::move(packet), false);
    }
    if (!step.direct || !ledger_->open.load(std::memory_order_relaxed))
        return;
    if (step.renumbered) {
        packet = Ref<GstBuffer>::adopt(gst_buffer_make_writable(packet.release()));
        set_sequence(packet.get(), step.direct_sequence);
    }
    feed_->add(std::move(packet));
}

void UdpFeed::pass_through(Ref<GstBuffer> packet, bool sample) {
    Feed::hand_over(feed_, sample);
    const GstFlowReturn flow = gst_pad_chain(through_, packet.release());
    Feed::take_back();
    if (flow != GST_FLOW_OK)
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
