// Element rtprelaypay: stands where a payloader stands, and relays RTP as it is.
//
// Put between rtspsrc and gst-rtsp-server (or any sink of RTP) it gives out the back end's packets
// untouched but for SSRC, sequence number and timestamp, which it keeps unbroken while back ends
// come and go, and the payload type of one that calls the same encoding otherwise than before.
// Payload bytes, marker, header extensions and CSRCs stay.
//
// For a server it is a payloader (klass, properties pt, mtu, seqnum, timestamp, seqnum-offset,
// stats); it is live, ignores what happens upstream (end of stream, flushes, segments) and never
// answers an error upstream.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::relay {

GType rtprelaypay_get_type();

} // namespace rtspproxy::relay
