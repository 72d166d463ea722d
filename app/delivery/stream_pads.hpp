// The pads of the rtpbin of a shared media: it gives out on them what goes to clients, and takes
// what they report. One of each kind a stream; they come as the media is prepared.
#pragma once

#include <gst/gst.h>

#include <functional>

namespace rtspproxy::delivery {

enum class StreamPad { Rtp, Rtcp, Reports };

// Calls function(pad, kind, number of the stream) for each. What was asked for first sees the data
// first, if both put probes on them.
using OnStreamPad = std::function<void(GstPad*, StreamPad, unsigned)>;
void for_each_stream_pad(GstElement* rtpbin, OnStreamPad function);

inline constexpr auto kDataProbe =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);

} // namespace rtspproxy::delivery
