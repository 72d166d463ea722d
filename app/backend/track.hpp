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

// The RTP tracks of an SDP (RFC 4566), encrypted or not; what rtspsrc and others read differently
// is put into one form first (sdp/normal_form.hpp).
[[nodiscard]] Tracks tracks_from_sdp(const GstSDPMessage& sdp);

// "video H264/90000, audio PCMU/8000": for logs.
[[nodiscard]] std::string describe(const Tracks& tracks);

} // namespace rtspproxy::backend
