// Whether clients can stay when a back end comes back.
#include "app/backend/track_match.hpp"
#include "tests/support/mikey.hpp"
#include "tests/unit/backend/sdp_texts.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

const std::string kOpus = "m=audio 0 RTP/AVP 97\r\n"
                          "a=rtpmap:97 opus/48000/2\r\n"
                          "a=fmtp:97 sprop-stereo=1; useinbandfec=1\r\n";
const std::string kMpeg4 = "m=video 0 RTP/AVP 96\r\n"
                           "a=rtpmap:96 MP4V-ES/90000\r\n"
                           "a=fmtp:96 profile-level-id=1; config=000001b001\r\n";

// Whether the one section may follow the other, both ways round, which must agree.
bool may_follow(const std::string& before, const std::string& after) {
    const bool forth = compatible(tracks_of(before), tracks_of(after));
    const bool back = compatible(tracks_of(after), tracks_of(before));
    EXPECT_EQ(forth, back);
    EXPECT_NE(before, after);
    return forth;
}
bool may_change(std::string_view section, std::string_view what, std::string_view by) {
    const std::string changed = replaced(section, what, by);
    EXPECT_EQ(tracks_of(changed).size(), 1U) << changed;
    EXPECT_FALSE(same(tracks_of(section), tracks_of(changed))) << changed;
    return may_follow(std::string(section), changed);
}

TEST(TracksCompatible, TheSameAre) {
    EXPECT_TRUE(compatible(tracks_of(kH264, kAac, kMetadata), tracks_of(kH264, kAac, kMetadata)));
    EXPECT_TRUE(same(tracks_of(kH264, kAac, kMetadata), tracks_of(kH264, kAac, kMetadata)));
    EXPECT_TRUE(compatible({}, {}));
    EXPECT_TRUE(same({}, {}));
}

TEST(TracksCompatible, PayloadTypesMayDiffer) {
    const std::string other =
        replaced(replaced(replaced(kH264, "AVP 96", "AVP 100"), "rtpmap:96", "rtpmap:100"),
                 "fmtp:96", "fmtp:100");
    EXPECT_TRUE(may_follow(std::string(kH264), other));
    EXPECT_FALSE(same(tracks_of(kH264), tracks_of(other)));
}

TEST(TracksCompatible, ParameterSetsOfVideoMayDiffer) {
    EXPECT_TRUE(may_change(kH264, "Z01AKI2N", "Z00AKp2o"));
    EXPECT_TRUE(may_change(kH264, "profile-level-id=420029", "profile-level-id=640033"));
    EXPECT_TRUE(
        may_change(kH264, "sprop-parameter-sets=Z01AKI2NQDwBE/LCAAAOEAACvyAI,aO44gA==", ""));
    EXPECT_TRUE(may_change(kH265, "sprop-pps=RAHgdrAmQA==", "sprop-pps=RAHgdrAmRA=="));
    EXPECT_TRUE(may_change(kMpeg4, "config=000001b001", "config=000001b002"));
}

TEST(TracksCompatible, WhatDecodersOfAudioStartFromMayNot) {
    EXPECT_FALSE(may_change(kAac, "config=1410", "config=1210"));
    EXPECT_FALSE(may_change(kOpus, "sprop-stereo=1", "sprop-stereo=0"));
    EXPECT_FALSE(may_change(kAac, "profile-level-id=15", "profile-level-id=16"));
}

TEST(TracksCompatible, FormatsMayNotDiffer) {
    EXPECT_FALSE(may_change(kH264, "H264", "H265"));
    EXPECT_FALSE(may_change(kH264, "H264/90000", "H264/48000"));
    EXPECT_FALSE(may_change(kAac, "16000/2", "8000/2"));
    EXPECT_FALSE(may_change(kAac, "16000/2", "16000/1"));
    EXPECT_FALSE(may_change(kH264, "packetization-mode=1", "packetization-mode=0"));
    EXPECT_FALSE(may_change(kAac, "SizeLength=13", "SizeLength=6"));
    EXPECT_FALSE(may_change(kH264, "m=video", "m=application"));
}

TEST(TracksCompatible, TracksMayNotComeOrGo) {
    EXPECT_FALSE(compatible(tracks_of(kH264, kAac), tracks_of(kH264)));
    EXPECT_FALSE(compatible(tracks_of(kH264), tracks_of(kH264, kAac)));
    EXPECT_FALSE(compatible(tracks_of(kH264), {}));
    EXPECT_FALSE(compatible(tracks_of(kH264, kAac, kAac), tracks_of(kH264, kAac, kH264)));
    EXPECT_FALSE(same(tracks_of(kH264, kAac), tracks_of(kH264)));
}

TEST(TracksCompatible, WhatIsNoTrackMayComeAndGo) {
    EXPECT_TRUE(compatible(tracks_of(kH264), tracks_of("m=video 9 udp 33\r\n", kH264)));
    EXPECT_TRUE(same(tracks_of(kH264), tracks_of("m=video 9 udp 33\r\n", kH264)));
}

using Positions = std::vector<std::size_t>;

TEST(TracksMatched, AreThoseOfTheSameKind) {
    EXPECT_EQ(matched(tracks_of(kH264, kAac), tracks_of(kAac, kH264)), (Positions{1, 0}));
    EXPECT_EQ(matched(tracks_of(kH264, kAac, kMetadata), tracks_of(kMetadata, kH264, kAac)),
              (Positions{1, 2, 0}));
    EXPECT_FALSE(same(tracks_of(kH264, kAac), tracks_of(kAac, kH264)));
    EXPECT_EQ(matched({}, {}), Positions{});
    EXPECT_EQ(matched(tracks_of(kH264), tracks_of(kH265)), std::nullopt);
}

TEST(TracksMatched, OfOneKindAreToldApartByTheirParameters) {
    const std::string other = replaced(kH264, "Z01AKI2N", "Z00AKp2o");
    EXPECT_EQ(matched(tracks_of(kH264, other), tracks_of(other, kH264)), (Positions{1, 0}));
    // The one that has changed takes the place that is left.
    const std::string third = replaced(kH264, "Z01AKI2N", "Z03AKp2o");
    EXPECT_EQ(matched(tracks_of(kH264, other), tracks_of(third, kH264)), (Positions{1, 0}));
}

TEST(TracksMatched, OfOneKindKeepTheirPlaces) {
    EXPECT_EQ(matched(tracks_of(kAac, kAac), tracks_of(kAac, kAac)), (Positions{0, 1}));
    EXPECT_EQ(matched(tracks_of(kAac, kH264, kAac), tracks_of(kH264, kAac, kAac)),
              (Positions{1, 0, 2}));
}

// Keys are those of one connection, and nobody's business.
TEST(TracksMatched, WhateverTheirKeys) {
    const auto encrypted = [](guint8 key) {
        return replaced(kH264, "RTP/AVP", "RTP/SAVP") + "a=key-mgmt:mikey " +
               rtspproxy::tests::mikey({}, key) +
               "\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::to_string(key) + "\r\n";
    };
    const Tracks tracks = tracks_of(encrypted(1));
    EXPECT_EQ(matched(tracks, tracks_of(encrypted(2))), Positions{0});
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(field(tracks[0], "srtp-key"), "none");
    EXPECT_EQ(field(tracks[0], "a-crypto"), "none");
}

TEST(TracksArranged, AreInTheOrderOfThoseServed) {
    const Tracks arranged = backend::arranged(tracks_of(kH264, kAac), tracks_of(kAac, kH264));
    EXPECT_TRUE(same(arranged, tracks_of(kH264, kAac)));
    ASSERT_EQ(arranged.size(), 2U);
    EXPECT_EQ(arranged[0].index, 1U);
    EXPECT_TRUE(
        same(backend::arranged(tracks_of(kH264), tracks_of(kAac, kH264)), tracks_of(kAac, kH264)));
}

// Header extensions are passed on with the numbers that the SDP gave them.
TEST(TracksCompatible, HeaderExtensionsMayNotDiffer) {
    const std::string extended =
        std::string(kH264) + "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n";
    EXPECT_FALSE(may_follow(std::string(kH264), extended));
    EXPECT_FALSE(may_change(extended, "extmap:1", "extmap:2"));
}

TEST(TracksCompatible, TheBackEndsSessionMayDiffer) {
    for (const char* attribute : {"a=control:other\r\n", "a=ssrc:77 cname:camera\r\n",
                                  "a=range:npt=0-3\r\n", "a=mid:7\r\n"}) {
        const std::string other = std::string(kH264) + attribute;
        EXPECT_TRUE(may_follow(std::string(kH264), other)) << attribute;
        EXPECT_TRUE(same(tracks_of(kH264), tracks_of(other))) << attribute;
    }
}

TEST(TracksCompatible, WhatIsOnlyToldMayDiffer) {
    EXPECT_TRUE(may_change(kH264, "1920,1080", "1280,720"));
    EXPECT_TRUE(may_change(kH264, "b=AS:5000", "b=AS:2000"));
    EXPECT_TRUE(may_follow(std::string(kH264), std::string(kH264) + "a=framerate:15\r\n"));
}

TEST(TracksRenewed, TellNewClientsOfNewParameters) {
    const std::string other = replaced(kH264, "Z01AKI2N", "Z00AKp2o");
    const auto renewed = backend::renewed(tracks_of(kH264, kAac), tracks_of(other, kAac));
    EXPECT_TRUE(same(renewed, tracks_of(other, kAac)));
    EXPECT_FALSE(same(renewed, tracks_of(kH264, kAac)));
}

TEST(TracksRenewed, AreFoundInAnotherOrder) {
    const std::string other = replaced(kH264, "Z01AKI2N", "Z00AKp2o");
    EXPECT_TRUE(
        same(renewed(tracks_of(kH264, kAac), tracks_of(kAac, other)), tracks_of(other, kAac)));
}

TEST(TracksRenewed, KeepWhatThePacketsKeep) {
    const std::string other =
        replaced(replaced(replaced(kH264, "AVP 96", "AVP 100"), "rtpmap:96", "rtpmap:100"),
                 "fmtp:96", "fmtp:100");
    EXPECT_TRUE(same(renewed(tracks_of(kH264), tracks_of(other)), tracks_of(kH264)));
}

TEST(TracksRenewed, AreTheOldOnesIfClientsCannotStay) {
    EXPECT_TRUE(same(renewed(tracks_of(kH264), tracks_of(kH265)), tracks_of(kH264)));
    EXPECT_TRUE(same(renewed(tracks_of(kH264), tracks_of(kH264, kAac)), tracks_of(kH264)));
}

} // namespace
} // namespace rtspproxy::backend::tests
