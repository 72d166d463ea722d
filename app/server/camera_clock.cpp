#include "app/server/camera_clock.hpp"

#include "app/delivery/buffers.hpp"
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
    delivery::edit_buffers(info,
                           [boxed](GstBuffer* buffer) { rewrite(buffer, unbox<Stream>(boxed)); });
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
