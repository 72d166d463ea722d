#include "tests/support/server_memory.hpp"

#include "plugins/support/deleter.hpp"
#include "tests/support/gst_player.hpp"

#include <string_view>

namespace rtspproxy::tests {

namespace {

using MemoryPtr = std::shared_ptr<TestServer::Memory>;

struct MediaWatch {
    MemoryPtr memory;
    std::string path;
    MountOptions options;
};

// Connects a handler that owns a copy of `data`.
template <class Data>
void connect(gpointer instance, const char* signal, GCallback handler, Data data) {
    g_signal_connect_data(
        instance, signal, handler, std::make_unique<Data>(std::move(data)).release(),
        [](gpointer owned, GClosure*) { std::unique_ptr<Data>(static_cast<Data*>(owned)); },
        GConnectFlags(0));
}

std::string transport_of(GstRTSPContext* context) {
    if (gst_rtsp_connection_is_tunneled(context->conn) != FALSE)
        return "HTTP";
    const GstRTSPTransport* transport = gst_rtsp_stream_transport_get_transport(context->trans);
    switch (transport->lower_transport) {
    case GST_RTSP_LOWER_TRANS_TCP:
        return "TCP";
    case GST_RTSP_LOWER_TRANS_UDP_MCAST:
        return "UDP_MCAST";
    case GST_RTSP_LOWER_TRANS_UDP:
        return "UDP";
    default:
        return "?";
    }
}

void on_request(GstRTSPClient* /*client*/, GstRTSPContext* context, gpointer data) {
    auto counts = (*static_cast<MemoryPtr*>(data))->counts.lock();
    ++counts->methods[gst_rtsp_method_as_text(context->method)];
    if (context->method == GST_RTSP_SETUP)
        counts->transports.push_back(transport_of(context));
}

void on_session(GstRTSPClient* /*client*/, GstRTSPSession* /*session*/, gpointer data) {
    ++(*static_cast<MemoryPtr*>(data))->counts.lock()->sessions_ever;
}

void on_client(GstRTSPServer* /*server*/, GstRTSPClient* client, gpointer data) {
    const MemoryPtr& memory = *static_cast<MemoryPtr*>(data);
    ++memory->counts.lock()->clients_ever;
    for (const char* method : {"options", "describe", "setup", "play", "pause", "teardown",
                               "get-parameter", "set-parameter"})
        connect(client, (std::string(method) + "-request").c_str(), G_CALLBACK(on_request), memory);
    connect(client, "new-session", G_CALLBACK(on_session), memory);
}

// What reaches a UDP sink, in its streaming thread.
struct Disorder {
    unsigned count = 0;
    Ref<GstBuffer> held;
    bool passing = false;
};

GstPadProbeReturn disorder(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
    constexpr unsigned kEvery = 10;
    auto& state = *static_cast<Disorder*>(data);
    if (state.passing)
        return GST_PAD_PROBE_OK;
    if (state.held) {
        state.passing = true;
        gst_pad_chain(pad, gst_buffer_ref(GST_PAD_PROBE_INFO_BUFFER(info)));
        state.passing = false;
        gst_buffer_unref(GST_PAD_PROBE_INFO_BUFFER(info));
        info->data = state.held.release();
    } else if (++state.count % kEvery == 0) {
        state.held = Ref<GstBuffer>::share(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_DROP;
    }
    return GST_PAD_PROBE_OK;
}

Ref<GstPad> udp_pad(GstElement* element) {
    const char* name = GST_OBJECT_NAME(gst_element_get_factory(element));
    if (std::string_view(name) != "multiudpsink")
        return nullptr;
    return Ref<GstPad>::adopt(gst_element_get_static_pad(element, "sink"));
}

// The sinks of RTP send to a socket of an even port, but which it is is known only later: RTCP is
// mixed up as well, which hurts nobody.
void on_element_mix_up(GstBin* /*bin*/, GstElement* element, gpointer /*data*/) {
    if (const auto pad = udp_pad(element))
        gst_pad_add_probe(
            pad.get(), GST_PAD_PROBE_TYPE_BUFFER, disorder, std::make_unique<Disorder>().release(),
            [](gpointer owned) { std::unique_ptr<Disorder>(static_cast<Disorder*>(owned)); });
}

// Lets nothing reach a UDP sink.
void on_element(GstBin* /*bin*/, GstElement* element, gpointer /*data*/) {
    const auto pad = udp_pad(element);
    if (!pad)
        return;
    gst_pad_add_probe(
        pad.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_DROP; }, nullptr, nullptr);
}

void on_report(GObject* /*session*/, GObject* source, gpointer data) {
    GstStructure* raw = nullptr;
    g_object_get(source, "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    gboolean has_block = FALSE;
    guint fraction = 0;
    ReceiverReport report;
    gst_structure_get_boolean(stats.get(), "have-rb", &has_block);
    if (has_block == FALSE)
        return;
    gst_structure_get_uint(stats.get(), "rb-fractionlost", &fraction);
    gst_structure_get_int(stats.get(), "rb-packetslost", &report.packets_lost);
    report.fraction_lost = fraction;
    (*static_cast<MemoryPtr*>(data))->reports.lock()->push_back(report);
}

void on_prepared(GstRTSPMedia* media, gpointer data) {
    for (guint i = 0; i < gst_rtsp_media_n_streams(media); ++i) {
        const std::unique_ptr<GObject, Deleter<g_object_unref>> session(
            gst_rtsp_stream_get_rtpsession(gst_rtsp_media_get_stream(media, i)));
        if (session)
            connect(session.get(), "on-ssrc-active", G_CALLBACK(on_report),
                    *static_cast<MemoryPtr*>(data));
    }
}

void on_media(GstRTSPMediaFactory* /*factory*/, GstRTSPMedia* media, gpointer data) {
    const auto& watch = *static_cast<MediaWatch*>(data);
    connect(media, "prepared", G_CALLBACK(on_prepared), watch.memory);
    const auto bin = Ref<GstElement>::adopt(gst_rtsp_media_get_element(media));
    for (unsigned track = 0;; ++track) {
        const auto name = "pay" + std::to_string(track);
        const auto pay =
            Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), name.c_str()));
        if (!pay)
            break;
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(pay.get(), "src"));
        log_packets(pad.get(), watch.memory->log(watch.path, track));
    }
    const auto pipeline = Ref<GstObject>::adopt(gst_object_get_parent(GST_OBJECT(bin.get())));
    if (watch.options.udp_black_hole)
        g_signal_connect(pipeline.get(), "element-added", G_CALLBACK(on_element), nullptr);
    if (watch.options.udp_disorder)
        g_signal_connect(pipeline.get(), "element-added", G_CALLBACK(on_element_mix_up), nullptr);
}

} // namespace

std::shared_ptr<PacketLog> TestServer::Memory::log(const std::string& path, unsigned track) {
    auto all = logs.lock();
    auto& found = (*all)[{path, track}];
    if (!found)
        found = std::make_shared<PacketLog>();
    return found;
}

void watch_clients(GstRTSPServer* server, MemoryPtr memory) {
    connect(server, "client-connected", G_CALLBACK(on_client), std::move(memory));
}

void watch_media(GstRTSPMediaFactory* factory, MemoryPtr memory, const std::string& path,
                 MountOptions options) {
    connect(factory, "media-configure", G_CALLBACK(on_media),
            MediaWatch{std::move(memory), path, options});
}

} // namespace rtspproxy::tests
