// TransportReceiver: a client whose bytes GstRTSPClient moves, because they are not plain (HTTP
// tunnels, TLS). What it gets is decided by the same ClientQueue; one access unit at a time is on
// its way, so that a client which does not read fills our queue and not GStreamer's.
#pragma once

#include "app/delivery/receiver.hpp"
#include "app/delivery/socket_output.hpp"

#include <gst/rtsp-server/rtsp-server.h>

namespace rtspproxy::delivery {

// In the client's thread. Once the client plays, the transport's message-sent callback is this
// receiver's.
[[nodiscard]] ReceiverPtr make_transport_receiver(GstRTSPClient* client,
                                                  GstRTSPStreamTransport* transport,
                                                  bool has_key_frames, const OutputLimits& limits);

} // namespace rtspproxy::delivery
