// Element rtprelaybuffer: a jitter buffer without threads or timers, for rtpbin's
// request-jitterbuffer.
//
// Packets in order pass straight through, in the thread that brings them; behind a gap they wait at
// most `latency`. See plugins/rtp/reorder.hpp for the rule. Cost: one header read a packet.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::relay {

GType rtprelaybuffer_get_type();

} // namespace rtspproxy::relay
