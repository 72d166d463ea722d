// SessionDelivery: what one RTSP session gets of a media, from its PLAY to its PAUSE or TEARDOWN.
//
// Hangs on the GstRTSPSessionMedia and ends with it, whatever ends that: TEARDOWN, the session's
// time-out, the end of the connection. All functions: the client's thread.
#pragma once

#include "app/delivery/media_fanout.hpp"
#include "app/delivery/server_refs.hpp"
#include "app/delivery/socket_output.hpp"

#include <memory>
#include <string>

namespace rtspproxy::delivery {

struct PlayRequest {
    GstRTSPClient* client;
    GstRTSPSession* session;
    GstRTSPSessionMedia* media; // of the session
    bool fast_start;            // begin with the last picture group
};

// Whether what the session has set up over TCP is to leave by this client's connection, and not by
// that of another one, which cannot be told of it.
[[nodiscard]] bool set_up_here(GstRTSPClient* client, GstRTSPSessionMedia* media);

// Before a PLAY is carried out. GStreamer sends to clients over UDP from the middle of it on,
// before join(). What is kept for them meanwhile ends with begin(), cancel() or the session.
void prepare(const PlayRequest& play, const std::shared_ptr<MediaFanout>& fanout);
// The PLAY has failed.
void cancel(GstRTSPSessionMedia* media);
// While the response to a PLAY is made: takes the session's place in the fan-out of each track that
// it has none in yet. Returns
// the value of its RTP-Info header (RFC 2326 §12.33), which names the first packet that will come;
// empty: leave the header as it is.
[[nodiscard]] std::string join(const PlayRequest& play, const std::shared_ptr<MediaFanout>& fanout,
                               const OutputLimits& limits);
// The response is on its way: packets may follow.
void begin(GstRTSPSessionMedia* media);
// No more packets. A later PLAY joins anew.
void end(GstRTSPSessionMedia* media);

} // namespace rtspproxy::delivery
