// Says how packets leave to UDP clients.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::server {

// Any thread. If it is a udpfanoutsink's message about that, it is logged, each kind once in the
// life of the program: it is the machine's, not a mount's.
void note_fan_out(GstMessage* message);

} // namespace rtspproxy::server
