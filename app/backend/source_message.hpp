// rtspsrc's own messages as those that rules know (exchange/rule.hpp), and back.
#pragma once

#include "app/backend/exchange/message.hpp"

#include <gst/rtsp/rtsp.h>

namespace rtspproxy::backend {

// Without the headers that GStreamer has no name for.
[[nodiscard]] exchange::Message message_of(const GstRTSPMessage& message);

// Puts the status, the reason and the headers of `wanted` into `message`, which is of the same
// kind; headers that GStreamer has no name for stay as they are.
void change(GstRTSPMessage& message, const exchange::Message& wanted);

} // namespace rtspproxy::backend
