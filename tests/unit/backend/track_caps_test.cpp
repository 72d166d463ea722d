// What is known of each track by its caps.
#include "tests/unit/backend/sdp_texts.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

void expect_caps(const Track& track, const std::string& media, const std::string& encoding,
                 const std::string& rate, const std::string& payload) {
    EXPECT_STREQ(gst_structure_get_name(structure_of(track)), "application/x-rtp");
    EXPECT_TRUE(gst_caps_is_fixed(track.caps.get()));
    EXPECT_EQ(field(track, "media"), media);
    EXPECT_EQ(field(track, "encoding-name"), encoding);
    EXPECT_EQ(field(track, "clock-rate"), rate);
    EXPECT_EQ(field(track, "payload"), payload);
}

TEST(TracksFromSdp, OfACameraWithPictureSoundAndMetadata) {
    const Tracks tracks = tracks_of(kH264, kAac, kMetadata);
    ASSERT_EQ(tracks.size(), 3U);
    for (unsigned i = 0; i < 3; ++i)
        EXPECT_EQ(tracks[i].index, i);
    expect_caps(tracks[0], "video", "H264", "90000", "96");
    EXPECT_EQ(field(tracks[0], "packetization-mode"), "1");
    EXPECT_EQ(field(tracks[0], "profile-level-id"), "420029");
    EXPECT_EQ(field(tracks[0], "sprop-parameter-sets"), "Z01AKI2NQDwBE/LCAAAOEAACvyAI,aO44gA==");
    expect_caps(tracks[1], "audio", "MPEG4-GENERIC", "16000", "104");
    EXPECT_EQ(field(tracks[1], "encoding-params"), "2");
    EXPECT_EQ(field(tracks[1], "config"), "1410");
    EXPECT_EQ(field(tracks[1], "mode"), "AAC-hbr");
    EXPECT_EQ(field(tracks[1], "sizelength"), "13");
    expect_caps(tracks[2], "application", "VND.ONVIF.METADATA", "90000", "107");
}

TEST(TracksFromSdp, OfH265) {
    const Tracks tracks = tracks_of(kH265);
    ASSERT_EQ(tracks.size(), 1U);
    expect_caps(tracks[0], "video", "H265", "90000", "98");
    EXPECT_EQ(field(tracks[0], "sprop-pps"), "RAHgdrAmQA==");
}

// RFC 3551 §6: payload types that need no rtpmap.
TEST(TracksFromSdp, OfStaticPayloadTypes) {
    const Tracks tracks = tracks_of("m=video 0 RTP/AVP 26\r\na=framerate:25\r\n", // MJPEG
                                    "m=audio 0 RTP/AVP 0\r\n", "m=audio 0 RTP/AVP 8\r\n",
                                    "m=video 0 RTP/AVP 33\r\na=control:ts\r\n"); // MPEG-TS
    ASSERT_EQ(tracks.size(), 4U);
    expect_caps(tracks[0], "video", "JPEG", "90000", "26");
    expect_caps(tracks[1], "audio", "PCMU", "8000", "0");
    expect_caps(tracks[2], "audio", "PCMA", "8000", "8");
    expect_caps(tracks[3], "video", "MP2T", "90000", "33");
}

TEST(TracksFromSdp, AnRtpmapOfAStaticPayloadTypeWins) {
    const Tracks tracks = tracks_of("m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n",
                                    "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 L16/44100/2\r\n");
    ASSERT_EQ(tracks.size(), 2U);
    expect_caps(tracks[0], "video", "JPEG", "90000", "26");
    expect_caps(tracks[1], "audio", "L16", "44100", "0");
    EXPECT_EQ(field(tracks[1], "encoding-params"), "2");
}

TEST(TracksFromSdp, OfSeveralPayloadTypesTheFirstCounts) {
    const Tracks tracks = tracks_of("m=audio 0 RTP/AVP 97 8 101\r\n"
                                    "a=rtpmap:101 telephone-event/8000\r\n"
                                    "a=fmtp:101 0-15\r\n"
                                    "a=rtpmap:97 opus/48000/2\r\n"
                                    "a=fmtp:97 useinbandfec=1\r\n");
    ASSERT_EQ(tracks.size(), 1U);
    expect_caps(tracks[0], "audio", "OPUS", "48000", "97");
    EXPECT_EQ(field(tracks[0], "useinbandfec"), "1");
}

TEST(TracksFromSdp, OfAvpf) {
    const Tracks tracks = tracks_of("m=video 0 RTP/AVPF 96\r\n"
                                    "a=rtpmap:96 VP8/90000\r\n"
                                    "a=rtcp-fb:96 nack pli\r\n");
    ASSERT_EQ(tracks.size(), 1U);
    expect_caps(tracks[0], "video", "VP8", "90000", "96");
}

TEST(TracksFromSdp, OfAFormatThatNobodyKnows) {
    const Tracks tracks = tracks_of("m=video 0 RTP/AVP 120\r\na=rtpmap:120 x-private/90000\r\n");
    ASSERT_EQ(tracks.size(), 1U);
    expect_caps(tracks[0], "video", "X-PRIVATE", "90000", "120");
}

// rtspsrc counts them, too; in the normal form there are none.
TEST(TracksFromSdp, LeavesOutWhatIsNoRtp) {
    const Tracks tracks = tracks_of("m=application 9 TCP/MSRP *\r\n", "m=video 5004 udp 33\r\n",
                                    kH264, "m=control 8081 H323 mc\r\n", kAac);
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_EQ(tracks[0].index, 2U);
    EXPECT_EQ(tracks[1].index, 4U);
    EXPECT_EQ(field(tracks[0], "encoding-name"), "H264");
    EXPECT_EQ(field(tracks[1], "encoding-name"), "MPEG4-GENERIC");
}

TEST(TracksFromSdp, LeavesOutWhatCannotBeRead) {
    for (const char* section :
         {"m=video 0 RTP/AVP 96\r\n",                             // dynamic, without an rtpmap
          "m=video 0 RTP/AVP 96\r\na=rtpmap:97 H264/90000\r\n",   // another one's
          "m=video 0 RTP/AVP 96\r\na=rtpmap:nonsense\r\n",        //
          "m=audio 0 RTP/AVP 77\r\n",                             // reserved, without a rate
          "m=audio 0 RTP/AVP *\r\n",                              // no number
          "m=video 0 RTP/AVP H264\r\n",                           //
          "m=video 0 RTP/AVP 9z\r\n",                             //
          "m=video 0 RTP/AVP 128\r\na=rtpmap:128 H264/90000\r\n", // more than seven bits
          "m=video 0 RTP/AVP -1\r\na=rtpmap:-1 H264/90000\r\n",   //
          "m=audio 0 RTP/AVP 4294967296\r\n"}) {
        const Tracks tracks = tracks_of(std::string_view(section), kAac);
        ASSERT_EQ(tracks.size(), 1U) << section;
        EXPECT_EQ(tracks[0].index, 1U) << section;
    }
}

TEST(TracksFromSdp, OfNoSectionsAreNone) {
    EXPECT_TRUE(tracks_of().empty());
    EXPECT_TRUE(tracks_of("m=application 9 TCP/MSRP *\r\n").empty());
}

TEST(TracksFromSdp, OutliveTheSdp) {
    Tracks tracks;
    {
        const auto sdp = parse(std::string(kSession) + std::string(kH264));
        tracks = tracks_from_sdp(*sdp);
    }
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(field(tracks[0], "encoding-name"), "H264");
    EXPECT_EQ(section_text(tracks[0]).find("m=video"), 0U);
}

TEST(Tracks, AreDescribedInWords) {
    EXPECT_EQ(describe(tracks_of(kH264, kAac, kMetadata)),
              "video H264/90000, audio MPEG4-GENERIC/16000, application VND.ONVIF.METADATA/90000");
    EXPECT_EQ(describe(tracks_of("m=video 0 RTP/AVP 26\r\n")), "video JPEG/90000");
    EXPECT_EQ(describe({}), "");
}

} // namespace
} // namespace rtspproxy::backend::tests
