// The camera's clock in what clients are told: gst-rtsp-server writes sender reports by the clock
// of this machine, at the time when packets came.
#pragma once

#include "plugins/rtp/sender_report.hpp"

#include <gst/gst.h>

#include <functional>
#include <optional>

namespace rtspproxy::server {

// The clock of a stream of the media; nothing while it is not known. Called in any thread.
using ClockOfStream = std::function<std::optional<rtp::ClockMapping>(unsigned stream)>;

// Before `rtpbin`, which serves a media, gets its streams: the sender reports of each will have the
// camera's time. Until it is known they are made receiver reports, which keep a session alive as
// well and say nothing of time. Costs nothing but once a report, for all clients of a stream.
void attach_camera_clock(GstElement* rtpbin, ClockOfStream clock_of_stream);

} // namespace rtspproxy::server
