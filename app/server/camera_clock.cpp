#include "app/server/camera_clock.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <cstdio>
#include <memory>
#include <utility>

namespace rtspproxy::server {
namespace {

struct Stream {
    ClockOfStream clock_of_stream;
    unsigned index;
};

void rewrite(GstBuffer* buffer, const Stream& stream) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
        return;
    std::size_t size = map.size;
    if (const auto clock = stream.clock_of_stream(stream.index))
        rtp::set_ntp_times({map.data, map.size}, *clock);
    else
        size = rtp::withdraw_sender_reports({map.data, map.size});
    gst_buffer_unmap(buffer, &map);
    gst_buffer_set_size(buffer, static_cast<gssize>(size));
}

GstPadProbeReturn on_rtcp(GstPad*, GstPadProbeInfo* info, gpointer data) noexcept {
    const auto& stream = *static_cast<Stream*>(data);
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
        auto* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        for (guint i = 0; i < gst_buffer_list_length(list); ++i)
            rewrite(gst_buffer_list_get_writable(list, i), stream);
        info->data = list;
    } else {
        GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
        rewrite(buffer, stream);
        info->data = buffer;
    }
    return GST_PAD_PROBE_OK;
}

void on_pad_added(GstElement*, GstPad* pad, gpointer clock_of_stream) noexcept {
    unsigned index = 0;
    const GCharPtr name(gst_pad_get_name(pad));
    if (std::sscanf(name.get(), "send_rtcp_src_%u", &index) != 1)
        return;
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        on_rtcp,
        std::make_unique<Stream>(Stream{*static_cast<ClockOfStream*>(clock_of_stream), index})
            .release(),
        [](gpointer data) { const std::unique_ptr<Stream> owned(static_cast<Stream*>(data)); });
}

} // namespace

void attach_camera_clock(GstElement* rtpbin, ClockOfStream clock_of_stream) {
    g_signal_connect_data(
        rtpbin, "pad-added", G_CALLBACK(on_pad_added),
        std::make_unique<ClockOfStream>(std::move(clock_of_stream)).release(),
        [](gpointer data, GClosure*) {
            const std::unique_ptr<ClockOfStream> owned(static_cast<ClockOfStream*>(data));
        },
        static_cast<GConnectFlags>(0));
}

} // namespace rtspproxy::server
