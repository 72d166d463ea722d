// An udpsrc that takes many datagrams with one system call, and whose RTP goes to the payloaders
// beside rtspsrc (udp_feed.hpp).
#pragma once

#include <gst/gst.h>

namespace rtspproxy::backend {

// From here on every udp:// source of this process is one, those of rtspsrc among them. What was
// not made by an rtspsrc of ours, and RTCP, it treats as udpsrc does. False if there is no udpsrc.
// Before the first rtspsrc is made.
bool install_lanes();
[[nodiscard]] bool lanes_installed();

} // namespace rtspproxy::backend
