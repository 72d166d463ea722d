// Element udpfanoutsink: a multiudpsink that sends by itself, whole lists at once and with
// segmentation offload (GSO) where the kernel has it, and lets destinations begin with a burst.
//
// Everything else (sockets, multicast, properties, signals) is multiudpsink's. See fan_out.hpp.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::fanout {

// Derived from multiudpsink at run time; 0 if there is no such element (plugin "udp" of
// gst-plugins-good). `loading_plugin`: see multiudpsink_type.hpp.
GType udpfanoutsink_get_type(bool loading_plugin);

// From now on, in this process, whoever makes a "multiudpsink" gets a udpfanoutsink:
// gst-rtsp-server cannot be told to use another element. False if there is none.
bool replace_multiudpsink();

} // namespace rtspproxy::fanout
