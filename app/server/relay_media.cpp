#include "app/server/relay_media.hpp"

#include "app/backend/track_match.hpp"
#include "app/server/camera_clock.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <atomic>
#include <utility>

namespace rtspproxy::server {
namespace {

struct Part {
    // Held: prepared once more than its clients ask for. Retired: not to be held any more.
    enum class Hold { None, Held, Retired };

    std::shared_ptr<backend::Backend> backend;
    std::shared_ptr<backend::Ingest> ingest;
    std::shared_ptr<delivery::MediaFanout> fanout;
    std::atomic<Hold> hold{Hold::None};
};

} // namespace

struct RelayMedia {
    GstRTSPMedia parent;
};
struct RelayMediaClass {
    GstRTSPMediaClass parent_class;
};
using RelayMediaPrivate = Part;

G_DEFINE_TYPE_WITH_PRIVATE(RelayMedia, relay_media, GST_TYPE_RTSP_MEDIA)

namespace {

Part& part(gpointer self) {
    return *static_cast<Part*>(relay_media_get_instance_private(static_cast<RelayMedia*>(self)));
}

// The back end's own m= sections, as it offers them now: made from caps, as stock, they lose and
// reorder parameters.
gboolean setup_sdp(GstRTSPMedia* self, GstSDPMessage* sdp, GstSDPInfo* info) noexcept {
    const auto offered = part(self).backend->tracks();
    const auto& served = part(self).ingest->tracks();
    const auto tracks = offered ? backend::renewed(served, *offered) : served;
    for (guint i = 0; i < gst_rtsp_media_n_streams(self) && i < tracks.size(); ++i) {
        GstSDPMedia* raw = nullptr;
        gst_sdp_media_copy(tracks[i].section.get(), &raw);
        const std::unique_ptr<GstSDPMedia, Deleter<gst_sdp_media_free>> section(raw);
        const bool ipv6 = info->is_ipv6 != FALSE;
        gst_sdp_media_add_connection(section.get(), "IN", ipv6 ? "IP6" : "IP4",
                                     ipv6 ? "::" : "0.0.0.0", 0, 0);
        const GCharPtr control(gst_rtsp_stream_get_control(gst_rtsp_media_get_stream(self, i)));
        gst_sdp_media_add_attribute(section.get(), "control", control.get());
        gst_sdp_message_add_media(sdp, section.get());
    }
    gst_sdp_message_add_attribute(sdp, "range", "npt=now-");
    return TRUE;
}

// A stream that is still blocked holds the payloader's preroll thread, which holds the stream locks
// that the way to NULL needs: so unblock first.
gboolean unprepare(GstRTSPMedia* self) noexcept {
    for (guint i = 0; i < gst_rtsp_media_n_streams(self); ++i)
        gst_rtsp_stream_set_blocked(gst_rtsp_media_get_stream(self, i), FALSE);
    return GST_RTSP_MEDIA_CLASS(relay_media_parent_class)->unprepare(self);
}

// A media is prepared once more than its clients ask for, so that it stays when the last one
// leaves: on GStreamer 1.22 a client that comes while a media is un-prepared would get a 503.
void on_prepared(GstRTSPMedia* self) noexcept {
    auto none = Part::Hold::None;
    if (part(self).hold.compare_exchange_strong(none, Part::Hold::Held))
        gst_rtsp_media_prepare(self, nullptr);
}

void on_unprepared(GstRTSPMedia* self) noexcept {
    if (const auto& ingest = part(self).ingest)
        ingest->detach();
}

// Once, on its way to being prepared.
gboolean setup_rtpbin(GstRTSPMedia* self, GstElement* rtpbin) noexcept {
    if (part(self).backend->settings().clock == settings::Clock::Camera)
        attach_camera_clock(rtpbin, [ingest = std::weak_ptr(part(self).ingest)](unsigned stream) {
            const auto held = ingest.lock();
            return held ? held->camera_clock(stream) : std::nullopt;
        });
    part(self).fanout->attach_to_rtpbin(rtpbin); // after the clock: reports leave as it made them
    return TRUE;
}

void finalize(GObject* self) noexcept {
    destroy_private<Part>(&part(self));
    G_OBJECT_CLASS(relay_media_parent_class)->finalize(self);
}

} // namespace

static void relay_media_class_init(RelayMediaClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = finalize;
    auto* media_class = GST_RTSP_MEDIA_CLASS(klass);
    media_class->setup_sdp = setup_sdp;
    media_class->setup_rtpbin = setup_rtpbin;
    media_class->unprepare = unprepare;
    media_class->prepared = on_prepared;
    media_class->unprepared = on_unprepared;
}

static void relay_media_init(RelayMedia* self) {
    construct_private<Part>(&part(self));
}

void attach(GstRTSPMedia* media, std::shared_ptr<backend::Backend> backend,
            std::shared_ptr<backend::Ingest> ingest,
            std::shared_ptr<delivery::MediaFanout> fanout) {
    part(media).backend = std::move(backend);
    part(media).ingest = std::move(ingest);
    part(media).fanout = std::move(fanout);
}

void release_media(GstRTSPMedia* media) {
    if (part(media).hold.exchange(Part::Hold::Retired) == Part::Hold::Held)
        gst_rtsp_media_unprepare(media);
}

static bool is_relay(GstRTSPMedia* media) {
    return media != nullptr && G_TYPE_CHECK_INSTANCE_TYPE(media, relay_media_get_type());
}

std::shared_ptr<backend::Backend> backend_of(GstRTSPMedia* media) {
    return is_relay(media) ? part(media).backend : nullptr;
}

std::shared_ptr<delivery::MediaFanout> fanout_of(GstRTSPMedia* media) {
    return is_relay(media) ? part(media).fanout : nullptr;
}

} // namespace rtspproxy::server
