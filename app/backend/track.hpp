// Track: one m= section of a back end's SDP, as far as the proxy serves it.
#pragma once

#include "plugins/support/ref.hpp"

#include <gst/sdp/sdp.h>

#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::backend {

struct Track {
    unsigned index = 0; // of the m= section; rtspsrc names its pads by it
    Ref<GstCaps> caps;  // application/x-rtp, of the first payload type
    // The m= section as clients of the proxy get it, but for the connection and the control URL:
    // formats, bandwidth and attributes as the back end wrote them, without what belongs to its
    // session.
    std::shared_ptr<const GstSDPMedia> section;
};
using Tracks = std::vector<Track>;

// The RTP tracks of an SDP (RFC 4566); sections that are not RTP/AVP(F) are left out.
[[nodiscard]] Tracks tracks_from_sdp(const GstSDPMessage& sdp);

// Whether a client that got the SDP of `served` can go on with `offered`: the same tracks of the
// same media, encodings, clock rates and format parameters. Payload types may differ: the relay
// rewrites them. So may the parameter sets of video, which are repeated in the stream.
[[nodiscard]] bool compatible(const Tracks& served, const Tracks& offered);
// Whether new clients would get the same SDP.
[[nodiscard]] bool same(const Tracks& left, const Tracks& right);

// The tracks of a media that was made for `served`, as new clients are told of them now that the
// back end offers `offered`: with its new sections, if it is compatible. A track whose payload type
// has changed keeps its old section, because its media keeps the old payload type.
[[nodiscard]] Tracks renewed(const Tracks& served, const Tracks& offered);

// "video H264/90000, audio PCMU/8000": for logs.
[[nodiscard]] std::string describe(const Tracks& tracks);

} // namespace rtspproxy::backend
