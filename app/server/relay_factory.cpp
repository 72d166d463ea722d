#include "app/server/relay_factory.hpp"

#include "app/server/fan_out_notice.hpp"
#include "app/server/relay_media.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/guarded.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::server {
namespace {

using IngestPtr = std::shared_ptr<backend::Ingest>;

struct Shared {
    unsigned generation = 0; // part of the key under which the factory keeps its media
    Ref<GstRTSPMedia> media; // held prepared, so that it outlives its clients
    // of the media that is being constructed
    IngestPtr fresh_ingest;
    std::shared_ptr<delivery::MediaFanout> fresh_fanout;
};

struct Part {
    std::shared_ptr<backend::Backend> backend;
    delivery::TrackFanout::Options fanout;
    Guarded<Shared> shared;
};

} // namespace

struct RelayFactory {
    GstRTSPMediaFactory parent;
};
struct RelayFactoryClass {
    GstRTSPMediaFactoryClass parent_class;
};
using RelayFactoryPrivate = Part;

G_DEFINE_TYPE_WITH_PRIVATE(RelayFactory, relay_factory, GST_TYPE_RTSP_MEDIA_FACTORY)

namespace {

Part& part(gpointer self) {
    return *static_cast<Part*>(
        relay_factory_get_instance_private(static_cast<RelayFactory*>(self)));
}

// The default key holds host, port and query of the client's URL: each would be a pull of its own.
char* generate_key(GstRTSPMediaFactory* self, const GstRTSPUrl*) noexcept {
    return g_strdup_printf("%u", part(self).shared.lock()->generation);
}

// Most players ask for the channels 0 and 1, 2 and 3, … in the order of the tracks.
std::vector<delivery::TrackFanout::Format> formats_of(const backend::Tracks& tracks) {
    std::vector<delivery::TrackFanout::Format> formats;
    for (const backend::Track& track : tracks) {
        const GstStructure* caps = gst_caps_get_structure(track.caps.get(), 0);
        const auto media = string_field(caps, "media");
        gint clock_rate = 0;
        gst_structure_get_int(caps, "clock-rate", &clock_rate);
        delivery::TrackFanout::Format format;
        format.video = media == "video";
        format.codec = rtp::codec_of(media, string_field(caps, "encoding-name"));
        format.clock_rate = clock_rate > 0 ? static_cast<std::uint32_t>(clock_rate) : 90000;
        format.channel = static_cast<std::uint8_t>(2 * formats.size());
        formats.push_back(format);
    }
    return formats;
}

GstElement* create_element(GstRTSPMediaFactory* self, const GstRTSPUrl* url) noexcept {
    auto& backend = *part(self).backend;
    gst_rtsp_media_factory_set_launch(self, ("( " + backend.launch_line() + " )").c_str());
    GstElement* bin =
        GST_RTSP_MEDIA_FACTORY_CLASS(relay_factory_parent_class)->create_element(self, url);
    if (bin == nullptr)
        return nullptr;
    auto ingest = backend.make_ingest(bin);
    if (!ingest) {
        const auto unused = Ref<GstElement>::sink(bin);
        return nullptr;
    }
    auto options = part(self).fanout;
    if (!backend.settings().fast_start)
        options.cache_bytes = 0;
    auto fanout = std::make_shared<delivery::MediaFanout>(formats_of(ingest->tracks()), options);
    fanout->attach_to_payloaders(bin);
    auto shared = part(self).shared.lock();
    shared->fresh_ingest = std::move(ingest);
    shared->fresh_fanout = std::move(fanout);
    return bin;
}

// Messages of rtspsrc are the supervisor's, and must never reach the media: an error in it would
// end it.
GstBusSyncReply on_bus_message(GstBus*, GstMessage* message, gpointer ingest) noexcept {
    note_fan_out(message);
    if (!unbox<IngestPtr>(ingest)->take_message(message))
        return GST_BUS_PASS;
    gst_message_unref(message); // GST_BUS_DROP leaves it to the handler
    return GST_BUS_DROP;
}

GstElement* create_pipeline(GstRTSPMediaFactory* self, GstRTSPMedia* media) noexcept {
    GstElement* pipeline =
        GST_RTSP_MEDIA_FACTORY_CLASS(relay_factory_parent_class)->create_pipeline(self, media);
    const auto [ingest, fanout] = part(self).shared.with(
        [](Shared& shared) { return std::pair(shared.fresh_ingest, shared.fresh_fanout); });
    if (pipeline == nullptr)
        return nullptr;
    fanout->attach_to_pipeline(pipeline);
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    gst_bus_set_sync_handler(bus.get(), on_bus_message, box(ingest), free_box<IngestPtr>);
    return pipeline;
}

void configure(GstRTSPMediaFactory* self, GstRTSPMedia* media) noexcept {
    GST_RTSP_MEDIA_FACTORY_CLASS(relay_factory_parent_class)->configure(self, media);
    auto shared = part(self).shared.lock();
    attach(media, part(self).backend, std::move(shared->fresh_ingest),
           std::move(shared->fresh_fanout));
    shared->media = Ref<GstRTSPMedia>::share(media);
}

void finalize(GObject* self) noexcept {
    destroy_private<Part>(&part(self));
    G_OBJECT_CLASS(relay_factory_parent_class)->finalize(self);
}

} // namespace

static void relay_factory_class_init(RelayFactoryClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = finalize;
    auto* factory_class = GST_RTSP_MEDIA_FACTORY_CLASS(klass);
    factory_class->gen_key = generate_key;
    factory_class->create_element = create_element;
    factory_class->create_pipeline = create_pipeline;
    factory_class->configure = configure;
}

static void relay_factory_init(RelayFactory* self) {
    construct_private<Part>(&part(self));
}

Ref<GstRTSPMediaFactory> make_relay_factory(std::shared_ptr<backend::Backend> backend,
                                            const delivery::TrackFanout::Options& fanout) {
    auto* factory =
        static_cast<GstRTSPMediaFactory*>(g_object_new(relay_factory_get_type(), nullptr));
    part(factory).backend = std::move(backend);
    part(factory).fanout = fanout;
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    gst_rtsp_media_factory_set_media_gtype(factory, relay_media_get_type());
    gst_rtsp_media_factory_set_protocols(
        factory,
        static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
    gst_rtsp_media_factory_set_latency(factory, 0);
    return Ref<GstRTSPMediaFactory>::adopt(factory);
}

void retire_media(GstRTSPMediaFactory* factory) {
    auto media = part(factory).shared.with([](Shared& shared) {
        ++shared.generation;
        return std::exchange(shared.media, nullptr);
    });
    if (media)
        release_media(media.get());
}

Ref<GstRTSPMedia> current_media(GstRTSPMediaFactory* factory) {
    return part(factory).shared.lock()->media;
}

void prepare_media(GstRTSPMediaFactory* factory, GstRTSPThreadPool* threads) {
    GstRTSPUrl* raw_url = nullptr;
    gst_rtsp_url_parse("rtsp://localhost/", &raw_url); // generate_key() does not look at it
    const RtspUrlPtr url(raw_url);
    const auto media =
        Ref<GstRTSPMedia>::adopt(gst_rtsp_media_factory_construct(factory, url.get()));
    if (!media)
        return;
#if GST_CHECK_VERSION(1, 23, 0)
    gst_rtsp_media_unlock(media.get()); // newer versions return it locked
#endif
    gst_rtsp_media_prepare(
        media.get(), gst_rtsp_thread_pool_get_thread(threads, GST_RTSP_THREAD_TYPE_MEDIA, nullptr));
    // It holds itself by now; this call's own use goes.
    gst_rtsp_media_unprepare(media.get());
}

std::shared_ptr<backend::Backend> backend_of_factory(GstRTSPMediaFactory* factory) {
    return G_TYPE_CHECK_INSTANCE_TYPE(factory, relay_factory_get_type()) ? part(factory).backend
                                                                         : nullptr;
}

} // namespace rtspproxy::server
