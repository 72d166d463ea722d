// Element rtspregister: owns the listening sockets in front of a GstRTSPServer, answers REGISTER
// and DEREGISTER, and hands every other connection on by a signal. See gst-inspect-1.0 for its
// properties and signals.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::registration {

GType rtspregister_get_type();

} // namespace rtspproxy::registration
