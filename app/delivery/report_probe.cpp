#include "app/delivery/report_probe.hpp"

#include "app/delivery/stream_pads.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"

#include <gst/net/gstnetaddressmeta.h>

#include <optional>
#include <utility>

namespace rtspproxy::delivery {
namespace {

using DeskPtr = std::shared_ptr<ReportDesk>;

// More than the reports of many clients; a packet has at most 64 KiB.
constexpr guint64 kMostBytes = 256 * 1024;

// On the address that stands for a client over TCP.
GQuark mark_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-report-mark");
    return quark;
}

ReportDesk::Source mark_source(GSocketAddress* mark) {
    return reinterpret_cast<std::uintptr_t>(mark);
}

std::optional<ReportDesk::Source> udp_source(GSocketAddress* address) {
    sockaddr_storage native{};
    if (!g_socket_address_to_native(address, &native, sizeof native, nullptr))
        return std::nullopt;
    if (const auto known = fanout::SocketAddress::of(native))
        return known->unmapped();
    return std::nullopt;
}

void take(GstBuffer* buffer, ReportDesk& desk) {
    const GstNetAddressMeta* meta = gst_buffer_get_net_address_meta(buffer);
    GSocketAddress* from = meta != nullptr ? meta->addr : nullptr;
    std::optional<ReportDesk::Source> source;
    if (from != nullptr)
        source = g_object_get_qdata(G_OBJECT(from), mark_quark()) != nullptr ? mark_source(from)
                                                                             : udp_source(from);
    GstMapInfo map;
    if (!source || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return desk.refuse_foreign();
    desk.take(*source, {map.data, map.size}, monotonic_now());
    gst_buffer_unmap(buffer, &map);
}

GstPadProbeReturn on_reports(GstPad*, GstPadProbeInfo* info, gpointer desk) noexcept {
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
        take(GST_PAD_PROBE_INFO_BUFFER(info), *unbox<DeskPtr>(desk));
        return GST_PAD_PROBE_DROP;
    }
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    for (guint i = 0; i < gst_buffer_list_length(list); ++i)
        take(gst_buffer_list_get(list, i), *unbox<DeskPtr>(desk));
    return GST_PAD_PROBE_DROP;
}

Ref<GSocketAddress> address_of(const GstRTSPTransport& ways, int port) {
    return Ref<GSocketAddress>::adopt(
        g_inet_socket_address_new_from_string(ways.destination, static_cast<guint>(port)));
}

// gst-rtsp-server keeps under this name the address that it puts on what a transport's client sends
// over its connection, and uses what it finds there (1.22).
std::vector<ReportDesk::Source> mark_client(GstRTSPStreamTransport* transport,
                                            const GstRTSPTransport& ways) {
    auto mark = address_of(ways, ways.client_port.min);
    if (!mark)
        return {};
    g_object_set_qdata(G_OBJECT(mark.get()), mark_quark(), mark.get());
    const auto source = mark_source(mark.get());
    g_object_set_data_full(G_OBJECT(transport), "rtsp-client.remote-addr", mark.release(),
                           g_object_unref);
    return {source};
}

} // namespace

void divert_reports(GstPad* pad, std::shared_ptr<ReportDesk> desk) {
    gst_pad_add_probe(pad, kDataProbe, on_reports, box(std::move(desk)), free_box<DeskPtr>);
}

void prepare_report_queue(GstElement* appsrc) {
    const auto caps = Ref<GstCaps>::adopt(gst_caps_new_empty_simple("application/x-rtcp"));
    g_object_set(appsrc, "caps", caps.get(), "max-bytes", kMostBytes, nullptr);
    gst_util_set_object_arg(G_OBJECT(appsrc), "leaky-type", "upstream"); // what is new is dropped
}

std::vector<ReportDesk::Source> report_sources(GstRTSPStreamTransport* transport) {
    const GstRTSPTransport& ways = *gst_rtsp_stream_transport_get_transport(transport);
    if (ways.lower_transport == GST_RTSP_LOWER_TRANS_TCP)
        return mark_client(transport, ways);
    std::vector<ReportDesk::Source> sources;
    // Some players send their RTCP from the port of their RTP.
    for (const int port : {ways.client_port.min, ways.client_port.max}) {
        const auto address = port > 0 ? address_of(ways, port) : nullptr;
        if (const auto source = address ? udp_source(address.get()) : std::nullopt)
            sources.push_back(*source);
    }
    return sources;
}

} // namespace rtspproxy::delivery
