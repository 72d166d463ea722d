// What a back end's m= section is, and whether the proxy can receive it.
#pragma once

#include <gst/sdp/sdp.h>

#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::backend::sdp {

// Why a section is not used.
struct LeftOut {
    std::string section; // "audio section 3"
    std::string reason;
    bool as_meant = false; // nothing is amiss, e.g. a back channel

    bool operator==(const LeftOut&) const = default;
};

// Why a back end is of no use of whose SDP all was left out.
[[nodiscard]] std::string nothing_left(const std::vector<LeftOut>& left_out);

// RTP/AVP(F) or RTP/SAVP(F) as rtspsrc writes them, whatever a back end adds ("/TCP") and in
// whatever case; nothing for other protocols. MPEG-TS (MP2T/AVP) is RTP with payload type 33.
[[nodiscard]] std::optional<std::string> rtp_profile(const GstSDPMedia& section);
[[nodiscard]] bool is_encrypted(const GstSDPMedia& section);

// What the sections of an SDP say together of which way they go.
struct Directions {
    bool any_recvonly = false;
    unsigned audio = 0; // sections

    [[nodiscard]] static Directions of(const GstSDPMessage& sdp);
};
// Audio that the back end wants to be sent, which ONVIF calls a back channel: "sendonly" beside a
// section that is "recvonly", or beside other audio. Cameras whose only audio is "sendonly" send
// it, in spite of RFC 4566 §6; likewise what is no audio.
[[nodiscard]] bool is_back_channel(const GstSDPMedia& section, const Directions& directions);

// Why the keys of an encrypted section cannot be had; empty if they can.
[[nodiscard]] std::string key_trouble(const GstSDPMessage& sdp, const GstSDPMedia& section);

// Takes out of a section the payload types that nothing is known of (dynamic ones without rtpmap).
// False: none is left.
bool keep_known_formats(GstSDPMedia& section);

} // namespace rtspproxy::backend::sdp
