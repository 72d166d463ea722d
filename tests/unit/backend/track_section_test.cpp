// The m= section that clients of the proxy get.
#include "tests/unit/backend/sdp_texts.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

// The section served for one of a back end.
std::string served(std::string_view section, std::string_view session = kSession) {
    const auto sdp = parse(std::string(session) + std::string(section));
    const Tracks tracks = tracks_from_sdp(*sdp);
    return tracks.size() == 1 ? section_text(tracks[0]) : "not one track";
}

TEST(TrackSection, SaysWhatTheBackEndSaidButForItsSession) {
    EXPECT_EQ(served(kH264),
              replaced(kH264, "a=control:rtsp://192.0.2.64:554/Channels/101/trackID=1\r\n", ""));
    EXPECT_EQ(served(kAac),
              replaced(kAac, "a=control:rtsp://192.0.2.64:554/Channels/101/trackID=2\r\n", ""));
    EXPECT_EQ(served(kMetadata), replaced(kMetadata, "a=control:trackID=3\r\n", ""));
    EXPECT_EQ(served(kH265), replaced(kH265, "a=control:track1\r\n", ""));
}

TEST(TrackSection, KeepsEveryFormatAndItsAttributes) {
    const std::string section = "m=audio 0 RTP/AVP 97 8 101\r\n"
                                "a=rtpmap:97 opus/48000/2\r\n"
                                "a=rtpmap:101 telephone-event/8000\r\n"
                                "a=fmtp:101 0-15\r\n";
    EXPECT_EQ(served(section), section);
}

TEST(TrackSection, KeepsWhatDescribesThePackets) {
    const std::string section = "m=video 0 RTP/AVP 96\r\n"
                                "b=AS:4000\r\n"
                                "b=TIAS:3900000\r\n"
                                "a=rtpmap:96 H264/90000\r\n"
                                "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n"
                                "a=extmap:5/recvonly http://www.onvif.org/ver10/rtp/replay\r\n"
                                "a=rtcp-fb:96 nack\r\n"
                                "a=framerate:25.0\r\n"
                                "a=framesize:96 1920-1080\r\n"
                                "a=rtcp-rsize\r\n"
                                "a=x-onvif-track:VIDEO001\r\n";
    EXPECT_EQ(served(section), section);
}

TEST(TrackSection, LeavesOutWhatBelongsToTheBackEndsSession) {
    for (const char* attribute :
         {"control:track1", "range:npt=0-20.5", "ssrc:123 cname:camera", "ssrc-group:FID 1 2",
          "rtcp:5005 IN IP4 192.0.2.1", "rtcp-mux", "setup:actpass", "ice-pwd:secret",
          "ice-ufrag:user", "candidate:1 1 UDP 1 192.0.2.1 5004 typ host",
          "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret", "key-mgmt:mikey secret",
          "fingerprint:sha-256 AB:CD", "ts-refclk:ptp=IEEE1588-2008", "mediaclk:direct=0",
          "source-filter: incl IN IP4 * 192.0.2.1", "mid:0"}) {
        const std::string section = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=";
        EXPECT_EQ(served(section + attribute + "\r\n"),
                  "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")
            << attribute;
    }
}

// The port, the connection and the profile are the server's to say.
TEST(TrackSection, NamesNoAddressOfTheBackEnd) {
    EXPECT_EQ(served("m=video 5004/2 RTP/AVP 33\r\nc=IN IP4 239.1.2.3/16\r\n"),
              "m=video 0 RTP/AVP 33\r\n");
    EXPECT_EQ(served("m=video 9 RTP/AVPF 33\r\n"), "m=video 0 RTP/AVP 33\r\n");
    EXPECT_EQ(served("m=video 9 RTP/AVP/TCP 33\r\n"), "m=video 0 RTP/AVP 33\r\n");
}

TEST(TrackSection, KeepsTheLanguage) {
    const std::string section = "m=audio 0 RTP/AVP 0\r\n";
    EXPECT_EQ(served(section + "a=lang:de\r\n"), section + "a=lang:de\r\n");
    EXPECT_EQ(served(section + "a=lang:de\r\na=lang:en\r\n"),
              section + "a=lang:de\r\na=lang:en\r\n");
}

TEST(TrackSection, InheritsTheLanguageOfTheSession) {
    const std::string session = std::string(kSession) + "a=lang:fr\r\n";
    EXPECT_EQ(served("m=audio 0 RTP/AVP 0\r\n", session), "m=audio 0 RTP/AVP 0\r\na=lang:fr\r\n");
    // RFC 4566 §6: that of the media goes first.
    EXPECT_EQ(served("m=audio 0 RTP/AVP 0\r\na=lang:de\r\n", session),
              "m=audio 0 RTP/AVP 0\r\na=lang:de\r\n");
}

} // namespace
} // namespace rtspproxy::backend::tests
