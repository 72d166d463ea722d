// SessionReports: what the player of one RTSP session says of each track that it has set up.
//
// Hangs on the GstRTSPSessionMedia and ends with it.
#pragma once

#include "app/delivery/media_fanout.hpp"

#include <gst/rtsp-server/rtsp-server.h>

#include <cstddef>
#include <map>

namespace rtspproxy::delivery {

// After a SETUP: from now on reports are taken from where this transport's client is, and keep the
// session alive. Setting the same track up again replaces that. The client's thread.
void expect_reports(GstRTSPSession* session, GstRTSPSessionMedia* media,
                    GstRTSPStreamTransport* transport, const MediaFanout& fanout);

// What was said last, by the number of the track; tracks that nothing was said of are left out. Any
// thread.
[[nodiscard]] std::map<std::size_t, Reporter::Latest> latest_reports(GstRTSPSessionMedia* media);

} // namespace rtspproxy::delivery
