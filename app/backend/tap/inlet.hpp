// Inlets: the entrances of rtspsrc's session manager, one a track, and what may pass there.
//
// RTP turns off to its payloader here, for all transports: that of a tap or of a UDP lane which
// does not know its way yet, and all of a connection that neither can look into (TLS, HTTP
// tunnels). The session is left samples (lane.hpp), and of RTCP the sender reports of the very
// source that it takes them to be of: so whatever a back end sends makes it one source, and one
// pad, a track.
#pragma once

#include "app/backend/tap/feed.hpp"
#include "app/backend/tap/ledger.hpp"
#include "app/backend/tap/track_outlet.hpp"

#include <gst/gst.h>

#include <functional>
#include <memory>

namespace rtspproxy::backend {

// Where the RTP of a session goes, which is numbered as the m= sections are; null if it is no track
// of ours, and rtspsrc keeps it. In rtspsrc's thread.
using TrackOutletOf = std::function<std::shared_ptr<TrackOutlet>(unsigned session)>;

// To be called before `manager` has its pads.
void install_inlets(GstElement* manager, std::shared_ptr<Ledger> ledger, TrackOutletOf outlet_of);

// On a pad that rtspsrc has made for a track with an inlet: nothing that comes there is for the
// payloader but the end of the stream.
void drain(GstPad* pad);

// On one that comes beside another pad of the same track, which is linked to `sink`: its packets go
// there, too.
void forward(GstPad* pad, GstPad* sink);

} // namespace rtspproxy::backend
