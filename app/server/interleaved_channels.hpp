// The channels of media that go over an RTSP connection (RFC 2326 §10.12).
//
// What a client sends on a channel of RTP must never come to the track's GstRTSPStream: that only
// sends, and gst-rtsp-server (1.22) then loses the memory of the packet. So GstRTSPClient is told a
// number for that channel that no frame has: 256 less. It enters the channel by the whole number,
// where nothing that comes is looked for, and sends by its lowest 8 bits, which are right.
#pragma once

#include <gst/rtsp-server/rtsp-server.h>

namespace rtspproxy::server {

// While a client's transport is configured: before the channels are chosen that it did not ask for,
// and afterwards. All are pairs: since the first is hidden, the second tells which are taken.
void ask_for_pair(GstRTSPTransport& transport);
void hide_rtp_channel(GstRTSPTransport& transport);

// Before the response to a SETUP leaves: has its Transport header name both channels, which
// GstRTSPClient leaves out if one is hidden.
void name_channels(const GstRTSPTransport& transport, GstRTSPMessage* response);

} // namespace rtspproxy::server
