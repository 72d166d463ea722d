#include "app/backend/tap/feed.hpp"

namespace rtspproxy::backend {
namespace {

struct InHand {
    std::weak_ptr<Feed> feed;
    bool sample = false;
};
thread_local InHand in_this_thread;

} // namespace

void Feed::account() {
    const std::uint64_t dropped =
        rule_.dropped() - std::exchange(accounted_drops_, rule_.dropped());
    if (dropped == 0)
        return;
    ledger_->dropped.fetch_add(dropped, std::memory_order_relaxed);
    if (outlet_)
        outlet_->ledger().foreign.fetch_add(dropped, std::memory_order_relaxed);
}

void Feed::count_gap(const Lane::Packet& packet) {
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

void Feed::attach(std::shared_ptr<TrackOutlet> outlet, GstCaps* caps) {
    outlet_ = std::move(outlet);
    gint payload_type = 0;
    if (caps != nullptr &&
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "payload", &payload_type))
        lane_.set_payload_type(static_cast<std::uint8_t>(payload_type));
    outlet_->begin(caps);
}

std::optional<Lane::Packet> Feed::sample(const Lane::Packet& packet, std::uint64_t now) {
    if (!has_source_ || packet.ssrc != source_) {
        account();
        outlet_->set_source(packet.ssrc);
        outlet_->ledger().takeovers.fetch_add(has_source_ ? 1 : 0, std::memory_order_relaxed);
        has_source_ = true;
        source_ = packet.ssrc;
    }
    const auto sample = lane_.sample(packet, now);
    if (sample)
        outlet_->set_alias(sample->ssrc);
    return sample;
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
        outlet_->push(std::exchange(list_, nullptr));
}

void Feed::hand_over(const std::shared_ptr<Feed>& feed, bool sample) {
    in_this_thread = {feed, sample};
}

void Feed::take_back() {
    in_this_thread = {};
}

Feed::Hand Feed::in_hand(const std::shared_ptr<Ledger>& ledger) {
    auto feed = in_this_thread.feed.lock();
    if (!feed || feed->ledger_ != ledger)
        return {};
    return {std::move(feed), in_this_thread.sample};
}

Ref<GstBuffer> sample_of(GstBuffer* packet, const Lane::Packet& header) {
    auto copy = Ref<GstBuffer>::adopt(gst_buffer_copy_deep(packet));
    GstMapInfo map;
    if (!gst_buffer_map(copy.get(), &map, GST_MAP_READWRITE))
        return nullptr;
    header.write({map.data, map.size});
    gst_buffer_unmap(copy.get(), &map);
    return copy;
}

} // namespace rtspproxy::backend
