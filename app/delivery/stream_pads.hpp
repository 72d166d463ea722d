// The pads on which the rtpbin of a shared media gives out what goes to clients, one of each kind a
// stream. They come as the media is prepared.
#pragma once

#include <gst/gst.h>

#include <functional>

namespace rtspproxy::delivery {

enum class StreamPad { Rtp, Rtcp };

// Calls function(pad, kind, number of the stream) for each. What was asked for first sees the data
// first, if both put probes on them.
using OnStreamPad = std::function<void(GstPad*, StreamPad, unsigned)>;
void for_each_stream_pad(GstElement* rtpbin, OnStreamPad function);

inline constexpr auto kDataProbe =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);

} // namespace rtspproxy::delivery
