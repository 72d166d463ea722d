// The one form of an SDP that rtspsrc and the proxy's tracks are made from.
//
// rtspsrc (1.22) reads SDPs by rules of its own: it refuses some that other players accept, and
// sends requests to URLs that no other player uses. What is left here means the same to all, and
// rtspsrc's number of a track is its position in it.
#pragma once

#include "app/backend/sdp/addresses.hpp"
#include "app/backend/sdp/section.hpp"

#include <gst/sdp/sdp.h>

#include <string>
#include <vector>

namespace rtspproxy::backend::sdp {

// The DESCRIBE that an SDP is the answer to.
struct Origin {
    std::string request_url;
    std::string content_base; // header of the answer; empty if there was none
};

struct Rules {
    bool multicast = false; // leave the group's address in, by which rtspsrc asks for multicast
    bool decryption = true; // whether SRTP can be decrypted here
};

// More sections are not served; each costs threads and ports.
inline constexpr guint kMaxTracks = 32;

struct NormalForm {
    Addresses addresses;
    bool multicast = false; // the group's address was left in
    bool encrypted = false; // a section is RTP/SAVP(F)
    std::vector<LeftOut> left_out;
};

// Changes `sdp` in place.
[[nodiscard]] NormalForm normalise(GstSDPMessage& sdp, const Origin& origin, const Rules& rules);

} // namespace rtspproxy::backend::sdp
