// The element `testrtpsrc`: a live source of ready-made RTP packets whose every byte is a function
// of their number, with all that an RTP packet can have: CSRCs, one- and two-byte header
// extensions, padding, several packets a timestamp, a marker.
//
// To gst-rtsp-server it is a payloader: "( testrtpsrc name=pay0 pt=97 caps=… )". Properties:
//   caps         what the packets are (media, encoding-name, clock-rate, a-lang, …)
//   pt           payload type; default 96
//   interval     milliseconds between two access units; default 40
//   burst        packets an access unit; default 3
//   delay        milliseconds of silence before the first packet, said with a GAP event; default 0
//   plain        no CSRCs, header extensions and padding; default false
#pragma once

namespace rtspproxy::tests {

// Registers the element for this process. Call after gst_init().
void register_rtp_source();

} // namespace rtspproxy::tests
