#include "app/backend/tap/track_outlet.hpp"

#include "plugins/relay/report_event.hpp"

#include <span>
#include <utility>

namespace rtspproxy::backend {

void TrackOutlet::begin(GstCaps* caps) {
    begun_ = true;
    gst_pad_send_event(sink_.get(), gst_event_new_stream_start("back-end"));
    if (caps != nullptr)
        gst_pad_send_event(sink_.get(), gst_event_new_caps(caps));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_send_event(sink_.get(), gst_event_new_segment(&segment));
}

void TrackOutlet::set_source(std::uint32_t ssrc) {
    source_.store(ssrc);
    has_source_.store(true);
    reports_.with([&](Reports& reports) {
        if (!reports.own || reports.own->ssrc != ssrc)
            reports.own.reset();
        if (reports.other && reports.other->ssrc == ssrc)
            reports.own = std::exchange(reports.other, std::nullopt);
        has_report_.store(reports.own.has_value());
    });
}

void TrackOutlet::set_alias(std::uint32_t ssrc) {
    alias_.store(ssrc);
    has_alias_.store(true);
}

void TrackOutlet::push(Ref<GstBufferList> packets) {
    if (left_.load(std::memory_order_relaxed))
        left_.store(false);
    if (has_report_.load(std::memory_order_relaxed) && has_report_.exchange(false))
        if (const auto report = std::exchange(reports_.lock()->own, std::nullopt))
            gst_pad_send_event(sink_.get(), relay::make_report_event(*report).release());
    gst_pad_chain_list(sink_.get(), packets.release());
}

void TrackOutlet::edit_report(std::span<std::uint8_t> compound) const {
    if (has_alias_.load() && alias_.load() != source_.load())
        rtp::rename_reported(compound, alias_.load(), source_.load());
}

Ref<GstBuffer> TrackOutlet::take_rtcp(GstBuffer* compound) {
    GstMapInfo map;
    if (!gst_buffer_map(compound, &map, GST_MAP_READ))
        return nullptr;
    const std::span<const std::uint8_t> bytes(map.data, map.size);
    const auto report = rtp::find_sender_report(bytes);
    const bool known = has_source_.load();
    const std::uint32_t source = source_.load();
    const bool own = report && (!known || report->ssrc == source);
    const bool goodbye = known && rtp::says_goodbye(bytes, source);
    gst_buffer_unmap(compound, &map);
    if (report && report->tells_time())
        reports_.with([&](Reports& reports) {
            (own ? reports.own : reports.other) = report;
            has_report_.store(reports.own.has_value());
        });
    if (goodbye && !left_.exchange(true) && on_goodbye_)
        on_goodbye_();
    if (report && known && !own)
        ledger_->foreign.fetch_add(1, std::memory_order_relaxed);
    if (!report || !own || !known || !has_alias_.load())
        return nullptr;
    const auto told = rtp::make_sender_report({alias_.load(), report->ntp, report->rtp});
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, told.size(), nullptr));
    gst_buffer_fill(buffer.get(), 0, told.data(), told.size());
    gst_buffer_copy_into(
        buffer.get(), compound,
        static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META), 0,
        gsize(-1));
    return buffer;
}

} // namespace rtspproxy::backend
