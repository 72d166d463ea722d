#include "plugins/relay/relay_pay.hpp"

#include "plugins/relay/relay_caps.hpp"
#include "plugins/rtp/packet.hpp"
#include "plugins/support/element.hpp"

#include <span>
#include <utility>

GST_DEBUG_CATEGORY_EXTERN(rtprelaypay_debug);
#define GST_CAT_DEFAULT rtprelaypay_debug

namespace rtspproxy::relay {
namespace {

GstClockTime running_time(GstElement* element) {
    const auto clock = Ref<GstClock>::adopt(gst_element_get_clock(element));
    if (!clock)
        return GST_CLOCK_TIME_NONE;
    const GstClockTime now = gst_clock_get_time(clock.get());
    const GstClockTime base = gst_element_get_base_time(element);
    return now > base ? now - base : 0;
}

} // namespace

// any thread

std::uint16_t RelayPay::next_sequence() {
    return next_sequence_.load();
}
std::uint32_t RelayPay::next_timestamp() {
    return next_timestamp_.load();
}

std::uint8_t RelayPay::payload_type() {
    return settings_.with([this](const RelayPaySettings& settings) {
        if (settings.payload_type)
            return *settings.payload_type;
        if (settings.caps)
            if (const auto type = payload_type_of(gst_caps_get_structure(settings.caps.get(), 0)))
                return *type;
        return payload_type_.load();
    });
}

StructurePtr RelayPay::stats() {
    const auto clock = *clock_.lock();
    // "seqnum-offset" is what gst-rtsp-server puts into RTP-Info before anything was sent: the next
    // one.
    return StructurePtr(gst_structure_new(
        "application/x-rtprelaypay-stats", "clock-rate", G_TYPE_UINT, clock_rate_.load(), "seqnum",
        G_TYPE_UINT, static_cast<guint>(next_sequence()), "seqnum-offset", G_TYPE_UINT,
        static_cast<guint>(next_sequence()), "timestamp", G_TYPE_UINT, next_timestamp(), "ssrc",
        G_TYPE_UINT, ssrc_.load(), "pt", G_TYPE_UINT, static_cast<guint>(payload_type()), "packets",
        G_TYPE_UINT64, packets_.load(), "bytes", G_TYPE_UINT64, bytes_.load(), "access-units",
        G_TYPE_UINT64, access_units_.load(), "last-arrival", G_TYPE_UINT64, last_arrival_us_.load(),
        "sources", G_TYPE_UINT64, sources_.load(), "discontinuities", G_TYPE_UINT64,
        discontinuities_.load(), "dropped-malformed", G_TYPE_UINT64, dropped_malformed_.load(),
        "dropped-preroll", G_TYPE_UINT64, dropped_preroll_.load(), "dropped-waiting", G_TYPE_UINT64,
        dropped_waiting_.load(), "dropped-flow", G_TYPE_UINT64, dropped_flow_.load(), "clock-valid",
        G_TYPE_BOOLEAN, static_cast<gboolean>(clock.has_value()), "clock-ntp", G_TYPE_UINT64,
        clock ? clock->ntp : 0, "clock-rtp", G_TYPE_UINT, clock ? clock->rtp : 0, nullptr));
}

// state changes

void RelayPay::start() {
    run_settings_ = *settings_.lock();
    continuity_ =
        rtp::Continuity({run_settings_.sequence, run_settings_.timestamp, run_settings_.ssrc});
    grouper_ = rtp::AccessUnitGrouper(false, run_settings_.group_timeout_ms * GST_MSECOND);
    gate_ = KeyFrameGate(run_settings_.key_frame_timeout_ms * GST_MSECOND);
    expect_first_packet_ = true;
    format_ = Format();
    main_type_.reset();
    renamed_type_.reset();
    rename_main_ = false;
    others_ = 0;
    camera_clock_.forget();
    clock_.lock()->reset();
    early_.begin(false);
    if (run_settings_.caps) {
        apply_format(output_caps(run_settings_.caps.get(), run_settings_).get());
        await_key_frame();
    }
    publish_next();
}

void RelayPay::interrupt() {
    run_.with([this](guint& run) {
        ++run;
        open_.store(false);
    });
}

void RelayPay::stop() {
    open_.store(false);
    flushed();
}

// streaming thread

// Upstream must never see an error: udpsrc would stop for good (GStreamer 1.22).
GstFlowReturn RelayPay::chain(Ref<GstBuffer> buffer) {
    const std::uint64_t now = monotonic_now();
    if (!open_.load(std::memory_order_acquire)) {
        keep_early(std::move(buffer), now);
        return GST_FLOW_OK;
    }
    if (!early_.empty())
        pass_early(now);
    pass(std::move(buffer), now);
    return GST_FLOW_OK;
}

GstFlowReturn RelayPay::chain_list(Ref<GstBufferList> list) {
    const std::uint64_t now = monotonic_now();
    if (!open_.load(std::memory_order_acquire)) {
        for (guint i = 0; i < gst_buffer_list_length(list.get()); ++i)
            keep_early(Ref<GstBuffer>::share(gst_buffer_list_get(list.get(), i)), now);
        return GST_FLOW_OK;
    }
    if (!early_.empty())
        pass_early(now);
    pass_list(std::move(list), now);
    return GST_FLOW_OK;
}

void RelayPay::pass(Ref<GstBuffer> buffer, std::uint64_t now) {
    buffer = Ref<GstBuffer>::adopt(gst_buffer_make_writable(buffer.release()));
    const Verdict verdict = rewrite(buffer.get(), now);
    if (verdict != Verdict::Malformed) {
        if (!pending_)
            pending_ = Ref<GstBufferList>::adopt(gst_buffer_list_new());
        gst_buffer_list_add(pending_.get(), buffer.release());
    }
    if (verdict == Verdict::EndsGroup)
        push_pending(now);
}

// The packets are rewritten where they are, in the list. One that is an access unit, as most are,
// goes on as it is; else its packets are moved to the group that they belong to.
void RelayPay::pass_list(Ref<GstBufferList> list, std::uint64_t now) {
    incoming_ = Ref<GstBufferList>::adopt(gst_buffer_list_make_writable(list.release()));
    while (incoming_ && incoming_rewritten_ < gst_buffer_list_length(incoming_.get())) {
        GstBuffer* buffer = gst_buffer_list_get_writable(incoming_.get(), incoming_rewritten_);
        const Verdict verdict = rewrite(buffer, now);
        if (verdict == Verdict::Malformed)
            gst_buffer_list_remove(incoming_.get(), incoming_rewritten_, 1);
        else
            ++incoming_rewritten_;
        if (verdict == Verdict::EndsGroup)
            push_pending(now);
    }
    collect();
    incoming_.reset();
}

// Moves what was rewritten of the incoming list to the pending group.
void RelayPay::collect() {
    const guint count = std::exchange(incoming_rewritten_, 0);
    if (count == 0)
        return;
    if (!pending_ && count == gst_buffer_list_length(incoming_.get())) {
        pending_ = std::move(incoming_);
        return;
    }
    if (!pending_)
        pending_ = Ref<GstBufferList>::adopt(gst_buffer_list_new_sized(count));
    for (guint i = 0; i < count; ++i)
        gst_buffer_list_add(pending_.get(),
                            gst_buffer_ref(gst_buffer_list_get(incoming_.get(), i)));
    gst_buffer_list_remove(incoming_.get(), 0, count);
}

// Readdresses one buffer, which may be written to. If it begins a group, the one before has left.
RelayPay::Verdict RelayPay::rewrite(GstBuffer* buffer, std::uint64_t now) {
    GstMapInfo map;
    if (gst_buffer_map(buffer, &map, GST_MAP_READWRITE) == FALSE)
        return malformed();
    const Verdict verdict = rewrite(std::span(map.data, map.size), now);
    gst_buffer_unmap(buffer, &map);
    return verdict;
}

RelayPay::Verdict RelayPay::rewrite(std::span<std::uint8_t> bytes, std::uint64_t now) {
    if (rtp::is_framed(bytes))
        return rewrite_frames(bytes, now);
    const auto packet = rtp::PacketView::parse(bytes);
    if (!packet)
        return malformed();
    const bool ends = group(rtp::FrameRun::of(*packet), false, now);
    readdress(bytes, *packet, now);
    return ends ? Verdict::EndsGroup : Verdict::Kept;
}

// All of them or none: looked at first, for what is counted of a source cannot be taken back.
RelayPay::Verdict RelayPay::rewrite_frames(std::span<std::uint8_t> frames, std::uint64_t now) {
    const auto run = rtp::FrameRun::parse(frames);
    if (!run)
        return malformed();
    const bool ends = group(*run, true, now);
    rtp::for_each_frame(frames, [&](std::span<std::uint8_t> frame) {
        const auto bytes = frame.subspan(rtp::kFrameHeaderSize);
        if (const auto packet = rtp::PacketView::parse(bytes))
            readdress(bytes, *packet, now);
    });
    return ends ? Verdict::EndsGroup : Verdict::Kept;
}

RelayPay::Verdict RelayPay::malformed() {
    dropped_malformed_.fetch_add(1, std::memory_order_relaxed);
    return Verdict::Malformed;
}

// To the group that these packets belong to. Whether they end it.
bool RelayPay::group(const rtp::FrameRun& run, bool framed, std::uint64_t now) {
    arrived(now);
    if (continuity_.started() && run.ssrc != continuity_.source_ssrc()) {
        push_pending(now); // it is the other source's
        gate_.close(rtp::tells_key_frames(format_.codec), now);
    }
    // What is of another payload type tells nothing of where an access unit ends.
    const bool main = is_main(run.payload_type);
    const auto decision =
        main ? grouper_.add(run.timestamp, run.marker, now)
             : rtp::AccessUnitGrouper::Decision{false, run.marker || pending_length_ == 0};
    if (decision.flush_before || framed != pending_framed_)
        push_pending(now);
    pending_framed_ = framed;
    if (pending_length_ == 0)
        group_start_ = continuity_;
    return decision.flush_after;
}

void RelayPay::readdress(std::span<std::uint8_t> bytes, const rtp::PacketView& packet,
                         std::uint64_t now) {
    const std::uint8_t type = packet.payload_type();
    const rtp::Continuity::Fields in{packet.sequence(), packet.timestamp(), packet.ssrc()};
    rtp::Continuity::Fields out;
    if (!main_type_ || type != *main_type_ || others_ != 0)
        note_type(type);
    if (is_main(type)) {
        main_seen_ = true;
        pending_has_key_ =
            pending_has_key_ || rtp::starts_key_frame(format_.codec, packet.payload());
        pending_has_picture_ =
            pending_has_picture_ || rtp::carries_picture(format_.codec, packet.payload());
        out = continuity_.map(in, now);
    } else {
        out = continuity_.map_aside(in, now);
    }
    if (renamed_type_ && type == *renamed_type_)
        bytes[1] = static_cast<std::uint8_t>((bytes[1] & 0x80U) | *format_.payload_type);
    rtp::write_u16(bytes, 2, out.sequence);
    rtp::write_u32(bytes, 4, out.timestamp);
    rtp::write_u32(bytes, 8, out.ssrc);
    pending_bytes_ += bytes.size();
    ++pending_length_;
}

void RelayPay::push_pending(std::uint64_t now) {
    collect();
    if (!pending_)
        return;
    if (!gate_.admits(pending_has_key_, now)) {
        continuity_ = group_start_; // as if the group had never come
        dropped_waiting_.fetch_add(pending_length_, std::memory_order_relaxed);
        pending_.reset();
    } else {
        packets_.fetch_add(pending_length_, std::memory_order_relaxed);
        bytes_.fetch_add(pending_bytes_, std::memory_order_relaxed);
        access_units_.fetch_add(1, std::memory_order_relaxed);
        publish_next();
        publish_clock();
        send(std::move(pending_));
    }
    pending_length_ = 0;
    pending_bytes_ = 0;
    pending_has_key_ = false;
    pending_has_picture_ = false;
}

// Every buffer is stamped with the time at which it leaves: senders of RTCP and sinks with back-log
// limits go by it.
void RelayPay::send(Ref<GstBufferList> list) {
    const GstClockTime time = running_time(element_);
    const guint length = gst_buffer_list_length(list.get());
    for (guint i = 0; i < length; ++i) {
        GstBuffer* buffer = gst_buffer_list_get(list.get(), i);
        GST_BUFFER_PTS(buffer) = time;
        GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
        if (pending_has_key_ || format_.codec == rtp::Codec::Unknown)
            GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        else
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        if (pending_has_picture_)
            GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_HEADER);
        else
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_HEADER);
    }
    GstFlowReturn flow = GST_FLOW_OK;
    if (length == 1 && !pending_framed_) {
        auto only = Ref<GstBuffer>::share(gst_buffer_list_get(list.get(), 0));
        list.reset(); // so that the buffer stays writable
        flow = gst_pad_push(source_pad_, only.release());
    } else {
        flow = gst_pad_push_list(source_pad_, list.release());
    }
    if (flow != GST_FLOW_OK)
        dropped_flow_.fetch_add(pending_length_, std::memory_order_relaxed);
}

void RelayPay::stream_started() {
    push_pending(monotonic_now());
    dropped_preroll_.fetch_add(early_.begin(rtp::tells_key_frames(format_.codec)),
                               std::memory_order_relaxed);
    sources_.fetch_add(1, std::memory_order_relaxed);
    expect_first_packet_ = true;
    camera_clock_.forget();
    clock_.lock()->reset();
    if (!continuity_.started())
        return;
    continuity_.resume();
    gate_.close(rtp::tells_key_frames(format_.codec), monotonic_now());
}

// A packet that is one: watchdogs go by it.
void RelayPay::arrived(std::uint64_t now) {
    last_arrival_us_.store(now / 1000, std::memory_order_relaxed);
    if (expect_first_packet_) {
        expect_first_packet_ = false;
        post("rtp-relay-flowing");
    }
}

void RelayPay::post(const char* news) {
    GST_DEBUG_OBJECT(element_, "%s, source %" G_GUINT64_FORMAT, news, sources_.load());
    gst_element_post_message(
        element_, gst_message_new_element(GST_OBJECT(element_), gst_structure_new_empty(news)));
}

void RelayPay::end_of_stream() {
    push_pending(monotonic_now());
    post("rtp-relay-ended");
    if (!settings_.lock()->swallow_eos && is_open())
        gst_pad_push_event(source_pad_, gst_event_new_eos());
}

void RelayPay::flushed() {
    if (std::exchange(pending_, nullptr))
        continuity_ = group_start_; // nobody saw it
    pending_length_ = 0;
    pending_bytes_ = 0;
    pending_has_key_ = false;
    pending_has_picture_ = false;
    dropped_preroll_.fetch_add(early_.clear(), std::memory_order_relaxed);
    grouper_.reset();
}

void RelayPay::publish_clock() {
    if (camera_clock_.update(continuity_, format_.clock_rate))
        *clock_.lock() = camera_clock_.mapping();
}

void RelayPay::publish_next() {
    const auto next = continuity_.next();
    next_sequence_.store(next.sequence, std::memory_order_relaxed);
    next_timestamp_.store(next.timestamp, std::memory_order_relaxed);
    ssrc_.store(next.ssrc, std::memory_order_relaxed);
    discontinuities_.store(continuity_.discontinuities(), std::memory_order_relaxed);
}

} // namespace rtspproxy::relay
