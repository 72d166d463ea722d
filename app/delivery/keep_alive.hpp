// What renews the time-out of an RTSP session besides its requests.
#pragma once

#include <gst/rtsp-server/rtsp-server.h>

#include <functional>

namespace rtspproxy::delivery {

// To be called, from any thread, when the session shows that it is alive: its media leave, or its
// player reports. It does not keep the session. Made in the client's thread.
[[nodiscard]] std::function<void()> keep_alive(GstRTSPSession* session);

} // namespace rtspproxy::delivery
