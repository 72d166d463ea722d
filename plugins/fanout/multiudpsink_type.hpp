// GStreamer's multiudpsink, whose header is not installed.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::fanout {

// Its type, 0 if there is none. `loading_plugin`: the call comes from the entry function of a
// loadable plugin.
GType multiudpsink_type(bool loading_plugin);

} // namespace rtspproxy::fanout
