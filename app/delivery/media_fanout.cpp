#include "app/delivery/media_fanout.hpp"

#include "app/delivery/buffers.hpp"
#include "app/delivery/report_probe.hpp"
#include "app/delivery/stream_pads.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/element.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace rtspproxy::delivery {
namespace {

constexpr std::uint64_t kSampleInterval = 250'000'000;
// Of clients whose PLAY is being carried out: hardly ever more than one.
constexpr std::size_t kMaxHolds = 64;

// On a pad of one track.
struct Watch {
    std::shared_ptr<MediaFanout> fanout;
    TrackFanout* track;
    std::uint64_t sampled_at = 0; // streaming thread
};

GstPadProbeReturn on_payloader(GstPad*, GstPadProbeInfo* info, gpointer boxed) noexcept {
    auto& watch = unbox<Watch>(boxed);
    TrackFanout& track = *watch.track;
    const TakenUnit taken = take_unit(info, track.format().channel);
    if (!taken.unit)
        return GST_PAD_PROBE_DROP;
    const std::uint64_t now = monotonic_now();
    const bool udp = track.publish(taken.unit, taken.has_key_frame && track.has_key_frames(), now,
                                   taken.has_picture);
    if (!udp && now - watch.sampled_at < kSampleInterval)
        return GST_PAD_PROBE_DROP;
    if (!udp) {
        watch.sampled_at = now;
        reduce_to_sample(info, taken);
    } else if (taken.framed) {
        unframe(info, taken.unit);
    }
    return GST_PAD_PROBE_OK;
}

// A client over UDP that is about to begin must not begin with a sample.
GstPadProbeReturn on_rtp(GstPad*, GstPadProbeInfo* info, gpointer) noexcept {
    return is_sample(info) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

GstPadProbeReturn on_rtcp(GstPad*, GstPadProbeInfo* info, gpointer boxed) noexcept {
    TrackFanout& track = *unbox<Watch>(boxed).track;
    edit_buffers(info, [counts = track.sent()](GstBuffer* buffer) {
        GstMapInfo map;
        if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
            return;
        rtp::set_sent_counts({map.data, map.size}, counts);
        gst_buffer_unmap(buffer, &map);
    });
    bool udp = false;
    for (const RtcpPtr& packet : copy_rtcp(info))
        udp = track.publish_rtcp(packet);
    return udp ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

GstPadProbeReturn drop(GstPad*, GstPadProbeInfo*, gpointer) noexcept {
    return GST_PAD_PROBE_DROP;
}

std::string_view factory_of(GstElement* element) {
    GstElementFactory* factory = gst_element_get_factory(element);
    return factory != nullptr ? GST_OBJECT_NAME(factory) : "";
}

bool is_udp_sink(GstElement* element) {
    const auto name = factory_of(element); // ours goes by both names
    return name == "multiudpsink" || name == "udpfanoutsink";
}

// `signal`: hold-client or release-client, which a stock sink does not have.
void tell(GstElement* sink, const char* signal, const std::string& host, int port) {
    if (g_signal_lookup(signal, G_OBJECT_TYPE(sink)) != 0)
        g_signal_emit_by_name(sink, signal, host.c_str(), port);
}

Ref<GstElement> owner_of(GstPad* pad) {
    return Ref<GstElement>::adopt(gst_pad_get_parent_element(pad));
}

// The sink that a branch of a tee ends in, behind a queue or not.
Ref<GstElement> end_of_branch(GstPad* tee_pad) {
    const auto next = Ref<GstPad>::adopt(gst_pad_get_peer(tee_pad));
    if (!next)
        return nullptr;
    auto element = owner_of(next.get());
    if (!element || factory_of(element.get()) != "queue")
        return element;
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(element.get(), "src"));
    const auto sink = Ref<GstPad>::adopt(gst_pad_get_peer(source.get()));
    return sink ? owner_of(sink.get()) : nullptr;
}

} // namespace

MediaFanout::MediaFanout(const std::vector<TrackFanout::Format>& formats,
                         const TrackFanout::Options& options) {
    // What goes with pictures is kept only where there are some to go with.
    const bool pictures = std::ranges::any_of(formats, TrackFanout::can_start);
    for (const auto& format : formats) {
        auto own = options;
        if (!pictures || (format.video && !TrackFanout::can_start(format)))
            own.cache_bytes = 0;
        tracks_.push_back(std::make_unique<TrackFanout>(format, own));
        reports_.push_back(std::make_shared<ReportDesk>());
    }
}

void MediaFanout::attach_to_payloaders(GstElement* bin) {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        const auto payloader = Ref<GstElement>::adopt(
            gst_bin_get_by_name(GST_BIN(bin), ("pay" + std::to_string(i)).c_str()));
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(payloader.get(), "src"));
        gst_pad_add_probe(pad.get(), kDataProbe, on_payloader,
                          box(Watch{shared_from_this(), tracks_[i].get()}), free_box<Watch>);
    }
}

void MediaFanout::attach_to_pipeline(GstElement* pipeline) {
    using Self = std::shared_ptr<MediaFanout>;
    const auto on_added = [](GstBin*, GstBin*, GstElement* element, gpointer boxed) noexcept {
        unbox<Self>(boxed)->on_element_added(element);
    };
    g_signal_connect_data(pipeline, "deep-element-added", G_CALLBACK(+on_added),
                          box(shared_from_this()), free_box_of_closure<Self>, GConnectFlags{});
}

// Sinks of gst-rtsp-server. None may wait for a first packet, which with the fan-out before it
// might never come, or for a clock: packets are stamped with the time at which they leave.
void MediaFanout::on_element_added(GstElement* element) {
    if (factory_of(element) == "appsrc")
        return prepare_report_queue(element);
    const bool appsink = factory_of(element) == "appsink";
    if (!appsink && !is_udp_sink(element))
        return;
    g_object_set(element, "async", FALSE, "sync", FALSE, nullptr);
    if (appsink) {
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
        gst_pad_add_probe(pad.get(), kDataProbe, drop, nullptr, nullptr);
        return;
    }
    const auto holds = holding_.with([element](Holding& holding) {
        if (!holding.holds.empty())
            holding.told.push_back(std::make_shared<WeakRef<GstElement>>(element));
        return holding.holds;
    });
    for (const Hold& each : holds)
        tell(element, "hold-client", each.host, each.port);
}

void MediaFanout::hold_udp(std::size_t index, const std::string& host, int port) {
    if (const auto sink = udp_sink(index)) {
        tell(sink.get(), "hold-client", host, port);
        return;
    }
    holding_.with([&](Holding& holding) {
        if (Hold wanted{host, port};
            holding.holds.size() < kMaxHolds &&
            std::ranges::find(holding.holds, wanted) == holding.holds.end())
            holding.holds.push_back(std::move(wanted));
    });
}

void MediaFanout::release_udp(std::size_t index, const std::string& host, int port) {
    const auto told = holding_.with([&](Holding& holding) {
        std::erase(holding.holds, Hold{host, port});
        return holding.holds.empty() ? std::exchange(holding.told, {}) : holding.told;
    });
    for (const auto& each : told)
        if (const auto sink = each->get())
            tell(sink.get(), "release-client", host, port);
    if (const auto sink = udp_sink(index))
        tell(sink.get(), "release-client", host, port);
}

void MediaFanout::burst_udp(std::size_t index, const std::string& host, int port,
                            const TrackFanout::Joined& joined) {
    const auto sink = udp_sink(index);
    if (sink && g_signal_lookup("burst-client", G_OBJECT_TYPE(sink.get())) != 0)
        g_signal_emit_by_name(sink.get(), "burst-client", host.c_str(), port,
                              buffers_of(joined.burst).get(),
                              joined.position ? int{joined.position->next_sequence} : -1);
}

void MediaFanout::attach_to_rtpbin(GstElement* rtpbin) {
    rtpbin_ = std::make_unique<WeakRef<GstElement>>(rtpbin);
    for_each_stream_pad(
        rtpbin, [self = shared_from_this()](GstPad* pad, StreamPad kind, unsigned stream) {
            if (stream >= self->size())
                return;
            if (kind == StreamPad::Reports)
                divert_reports(pad, self->reports_[stream]);
            else
                gst_pad_add_probe(pad, kDataProbe, kind == StreamPad::Rtp ? on_rtp : on_rtcp,
                                  box(Watch{self, self->tracks_[stream].get()}), free_box<Watch>);
        });
}

void MediaFanout::forget_pictures() {
    for (const auto& track : tracks_)
        track->forget_pictures();
}

Ref<GstElement> MediaFanout::udp_sink(std::size_t index) {
    const auto rtpbin = rtpbin_ ? rtpbin_->get() : Ref<GstElement>();
    if (!rtpbin)
        return nullptr;
    const std::string name = "send_rtp_src_" + std::to_string(index);
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(rtpbin.get(), name.c_str()));
    const auto tee_sink =
        source ? Ref<GstPad>::adopt(gst_pad_get_peer(source.get())) : Ref<GstPad>();
    const auto tee = tee_sink ? owner_of(tee_sink.get()) : Ref<GstElement>();
    if (!tee)
        return nullptr;
    Ref<GstElement> found;
    gst_element_foreach_src_pad(
        tee.get(),
        [](GstElement*, GstPad* pad, gpointer data) -> gboolean {
            auto sink = end_of_branch(pad);
            if (!sink || !is_udp_sink(sink.get()))
                return TRUE;
            *static_cast<Ref<GstElement>*>(data) = std::move(sink);
            return FALSE;
        },
        &found);
    return found;
}

} // namespace rtspproxy::delivery
