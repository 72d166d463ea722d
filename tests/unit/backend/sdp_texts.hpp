// SDP as cameras send it.
#pragma once

#include "app/backend/track.hpp"
#include "plugins/support/deleter.hpp"

#include <string>
#include <string_view>

namespace rtspproxy::backend::tests {

inline constexpr std::string_view kSession = "v=0\r\n"
                                             "o=- 1109162014219182 1 IN IP4 192.0.2.64\r\n"
                                             "s=Media Presentation\r\n"
                                             "e=NONE\r\n"
                                             "b=AS:5100\r\n"
                                             "c=IN IP4 0.0.0.0\r\n"
                                             "t=0 0\r\n"
                                             "a=control:rtsp://192.0.2.64:554/Channels/101/\r\n"
                                             "a=range:npt=now-\r\n";

inline constexpr std::string_view kH264 =
    "m=video 0 RTP/AVP 96\r\n"
    "b=AS:5000\r\n"
    "a=recvonly\r\n"
    "a=x-dimensions:1920,1080\r\n"
    "a=control:rtsp://192.0.2.64:554/Channels/101/trackID=1\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=420029; packetization-mode=1; "
    "sprop-parameter-sets=Z01AKI2NQDwBE/LCAAAOEAACvyAI,aO44gA==\r\n";

inline constexpr std::string_view kAac =
    "m=audio 0 RTP/AVP 104\r\n"
    "b=AS:50\r\n"
    "a=recvonly\r\n"
    "a=control:rtsp://192.0.2.64:554/Channels/101/trackID=2\r\n"
    "a=rtpmap:104 mpeg4-generic/16000/2\r\n"
    "a=fmtp:104 profile-level-id=15; streamtype=5; mode=AAC-hbr; config=1410;"
    "SizeLength=13; IndexLength=3; IndexDeltaLength=3; Profile=1;\r\n";

inline constexpr std::string_view kMetadata =
    "m=application 0 RTP/AVP 107\r\n"
    "a=sendonly\r\n"
    "a=control:trackID=3\r\n"
    "a=rtpmap:107 vnd.onvif.metadata/90000\r\n"
    "a=Media_header:MEDIAINFO=494D4B48010300000400000100000000;\r\n";

inline constexpr std::string_view kH265 =
    "m=video 0 RTP/AVP 98\r\n"
    "a=control:track1\r\n"
    "a=rtpmap:98 H265/90000\r\n"
    "a=fmtp:98 sprop-vps=QAEMAf//AWAAAAMAAAMAAAMAAAMAlqwJ; "
    "sprop-sps=QgEBAWAAAAMAAAMAAAMAAAMAlqADwIAQ5Y2uSTJA; sprop-pps=RAHgdrAmQA==\r\n";

inline SdpMessagePtr parse(const std::string& text) {
    GstSDPMessage* message = nullptr;
    gst_sdp_message_new_from_text(text.c_str(), &message);
    return SdpMessagePtr(message);
}

// The tracks of a session with these sections.
template <class... Sections>
Tracks tracks_of(const Sections&... sections) {
    std::string text(kSession);
    (text.append(sections), ...);
    return tracks_from_sdp(*parse(text));
}

inline std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
    std::string result(text);
    if (const auto at = result.find(what); at != std::string::npos)
        result.replace(at, what.size(), by);
    else
        result += "not in it: " + std::string(what);
    return result;
}

inline const GstStructure* structure_of(const Track& track) {
    return gst_caps_get_structure(track.caps.get(), 0);
}
// A field of a track's caps as text; "none" if there is none.
inline std::string field(const Track& track, const char* name) {
    const GValue* value = gst_structure_get_value(structure_of(track), name);
    if (value == nullptr)
        return "none";
    if (G_VALUE_HOLDS_STRING(value))
        return g_value_get_string(value);
    const GCharPtr text(gst_value_serialize(value));
    return text.get();
}
inline std::string section_text(const Track& track) {
    const GCharPtr text(gst_sdp_media_as_text(track.section.get()));
    return text.get();
}

} // namespace rtspproxy::backend::tests
