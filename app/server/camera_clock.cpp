#include "app/server/camera_clock.hpp"

#include "app/delivery/stream_pads.hpp"
#include "plugins/support/boxed.hpp"

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

GstPadProbeReturn on_rtcp(GstPad*, GstPadProbeInfo* info, gpointer boxed) noexcept {
    const auto& stream = unbox<Stream>(boxed);
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

} // namespace

void attach_camera_clock(GstElement* rtpbin, ClockOfStream clock_of_stream) {
    using delivery::StreamPad;
    delivery::for_each_stream_pad(rtpbin, [clock_of_stream = std::move(clock_of_stream)](
                                              GstPad* pad, StreamPad kind, unsigned stream) {
        if (kind == StreamPad::Rtcp)
            gst_pad_add_probe(pad, delivery::kDataProbe, on_rtcp,
                              box(Stream{clock_of_stream, stream}), free_box<Stream>);
    });
}

} // namespace rtspproxy::server
