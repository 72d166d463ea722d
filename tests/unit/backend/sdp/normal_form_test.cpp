// The form that rtspsrc gets its SDP in. The kinds are those of recorded cameras.
#include "app/backend/sdp/normal_form.hpp"
#include "tests/unit/backend/sdp_texts.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace rtspproxy::backend::sdp::tests {
namespace {

const std::string kHead = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=camera\r\nt=0 0\r\n";
const std::string kVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
const std::string kAudio = "m=audio 0 RTP/AVP 8\r\n";

class NormalFormTest : public ::testing::Test {
  protected:
    NormalForm& normalise(const std::string& text, const Rules& rules = {}) {
        sdp_ = backend::tests::parse(text);
        form_ = sdp::normalise(*sdp_, origin_, rules);
        return form_;
    }
    guint count() { return gst_sdp_message_medias_len(sdp_.get()); }
    const GstSDPMedia& section(guint index) {
        return *gst_sdp_message_get_media(sdp_.get(), index);
    }
    std::string control(guint index) {
        return gst_sdp_media_get_attribute_val(&section(index), "control");
    }
    std::string url(guint index, std::size_t form = 0) {
        return form_.addresses.setup_url(control(index), form);
    }
    std::string text() { return GCharPtr(gst_sdp_message_as_text(sdp_.get())).get(); }

    Origin origin_{"rtsp://192.0.2.1/cam?channel=1", ""};
    SdpMessagePtr sdp_;
    NormalForm form_;
};

TEST_F(NormalFormTest, GivesEachTrackItsUrl) {
    normalise(kHead + "a=control:*\r\n" + kVideo + "a=control:trackID=0\r\n" + kAudio +
              "a=control:trackID=1\r\n");
    ASSERT_EQ(count(), 2U);
    EXPECT_EQ(url(0), "rtsp://192.0.2.1/cam?channel=1/trackID=0");
    EXPECT_EQ(url(0, 1), "rtsp://192.0.2.1/trackID=0");
    EXPECT_EQ(url(1), "rtsp://192.0.2.1/cam?channel=1/trackID=1");
    EXPECT_EQ(form_.addresses.forms(), 2U);
    EXPECT_STREQ(gst_sdp_message_get_attribute_val(sdp_.get(), "control"),
                 "rtsp://192.0.2.1/cam?channel=1");
    EXPECT_EQ(gst_sdp_message_get_attribute_val_n(sdp_.get(), "control", 1), nullptr);
    EXPECT_EQ(gst_sdp_media_get_attribute_val_n(&section(0), "control", 1), nullptr);
    EXPECT_TRUE(form_.left_out.empty());
}

TEST_F(NormalFormTest, TakesTheBaseFromTheAnswer) {
    origin_.content_base = "rtsp://192.0.2.1/other/";
    normalise(kHead + kVideo + "a=control:trackID=0\r\n");
    EXPECT_EQ(url(0), "rtsp://192.0.2.1/other/trackID=0");
    EXPECT_EQ(form_.addresses.aggregate_key(), "rtsp://192.0.2.1/other/");
}

TEST_F(NormalFormTest, TakesTheSessionsUrl) {
    normalise(kHead + "a=control:*\r\na=control:rtsp://192.0.2.1/all/\r\n" + kVideo +
              "a=control:trackID=0\r\n");
    EXPECT_EQ(url(0), "rtsp://192.0.2.1/all/trackID=0");
    EXPECT_EQ(form_.addresses.url(form_.addresses.aggregate_key()), "rtsp://192.0.2.1/all/");
}

// rtspsrc takes tracks with the same URL for one, and reads the URL of a second one that has none.
TEST_F(NormalFormTest, TellsTracksWithoutControlApart) {
    normalise(kHead + kAudio + kAudio + "a=control:*\r\n" + kVideo);
    ASSERT_EQ(count(), 3U);
    for (guint i = 0; i < 3; ++i) {
        EXPECT_EQ(url(i), "rtsp://192.0.2.1/cam?channel=1") << i;
        EXPECT_EQ(control(i).find("rtsp://"), 0U);
        for (guint j = 0; j < i; ++j)
            EXPECT_NE(control(i), control(j));
    }
}

TEST_F(NormalFormTest, OfTlsHasAnAggregateThatRtspsrcTakes) {
    origin_ = {"rtsps://192.0.2.1/live", ""};
    normalise(kHead + kVideo + "a=control:rtsps://192.0.2.1/live/trackID=0\r\n");
    EXPECT_EQ(form_.addresses.aggregate_key(), "rtsp://192.0.2.1/live");
    EXPECT_EQ(control(0), "rtsp://192.0.2.1/live/trackID=0");
    EXPECT_EQ(url(0), "rtsps://192.0.2.1/live/trackID=0");
}

TEST_F(NormalFormTest, LeavesBackChannelsAlone) {
    normalise(kHead + kVideo + "a=recvonly\r\n" + kAudio + "a=sendonly\r\n" + kAudio +
              "a=recvonly\r\na=control:sound\r\n");
    ASSERT_EQ(count(), 2U);
    EXPECT_EQ(url(1), "rtsp://192.0.2.1/cam?channel=1/sound");
    ASSERT_EQ(form_.left_out.size(), 1U);
    EXPECT_EQ(form_.left_out[0].section, "audio section 2");
    EXPECT_TRUE(form_.left_out[0].as_meant);
}

TEST_F(NormalFormTest, WritesProtocolsAsRtspsrcReadsThem) {
    normalise(kHead + "m=video 0 RTP/AVP/TCP 96\r\na=rtpmap:96 H265/90000\r\n" +
              "m=video 8048 MP2T/AVP 33\r\nb=AS:7655\r\n");
    ASSERT_EQ(count(), 2U);
    EXPECT_STREQ(gst_sdp_media_get_proto(&section(0)), "RTP/AVP");
    EXPECT_STREQ(gst_sdp_media_get_proto(&section(1)), "RTP/AVP");
    EXPECT_STREQ(gst_sdp_media_get_format(&section(1), 0), "33");
}

TEST_F(NormalFormTest, LeavesOutWhatSaysNothingOfItsEncoding) {
    normalise(kHead + "m=video 0 RTP/AVP 96\r\n" + kAudio + "m=application 9 TCP/MSRP *\r\n");
    ASSERT_EQ(count(), 1U);
    EXPECT_STREQ(gst_sdp_media_get_media(&section(0)), "audio");
    ASSERT_EQ(form_.left_out.size(), 2U);
    EXPECT_EQ(form_.left_out[0].section, "video section 1");
    EXPECT_FALSE(form_.left_out[0].as_meant);
    EXPECT_EQ(form_.left_out[1].section, "application section 3");
    EXPECT_TRUE(form_.left_out[1].as_meant);
}

TEST_F(NormalFormTest, ServesABoundedNumber) {
    std::string text = kHead;
    for (guint i = 0; i < 1000; ++i)
        text += kVideo;
    normalise(text);
    EXPECT_EQ(count(), kMaxTracks);
    ASSERT_EQ(form_.left_out.size(), 1U);
    EXPECT_EQ(form_.left_out[0].section, "video section 33");
}

// By a group's address rtspsrc asks for multicast and nothing else.
TEST_F(NormalFormTest, KeepsTheGroupOnlyWhereMulticastIsTried) {
    const std::string session = kHead + "c=IN IP4 239.3.1.142/16\r\n" + kVideo + kAudio;
    const std::string sections =
        kHead + kVideo + "c=IN IP4 239.3.1.142/16\r\n" + kAudio + "c=IN IP4 239.3.1.143/16\r\n";
    const std::string ipv6 = kHead + "c=IN IP6 ff15::101\r\n" + kVideo;
    for (const auto& each : {session, sections, ipv6}) {
        const bool in_ipv6 = each == ipv6;
        const std::string group = in_ipv6 ? "ff15::101" : "239.3.1.142";
        EXPECT_TRUE(normalise(each, {.multicast = true}).multicast) << each;
        EXPECT_NE(text().find(group), std::string::npos);
        EXPECT_FALSE(normalise(each).multicast) << each;
        EXPECT_EQ(text().find(group), std::string::npos);
        EXPECT_EQ(text().find("239.3.1.143"), std::string::npos);
    }
}

TEST_F(NormalFormTest, KeepsTheGroupOnlyIfAllTracksAreInOne) {
    EXPECT_FALSE(
        normalise(kHead + kVideo + "c=IN IP4 239.3.1.142/16\r\n" + kAudio, {.multicast = true})
            .multicast);
    EXPECT_EQ(text().find("239.3.1.142"), std::string::npos);
    EXPECT_FALSE(normalise(kHead + "c=IN IP4 0.0.0.0\r\n" + kVideo, {.multicast = true}).multicast);
    EXPECT_FALSE(normalise(kHead + "c=IN\r\n" + kVideo, {.multicast = true}).multicast);
}

TEST_F(NormalFormTest, TellsWhatEncryptedMediaNeeds) {
    const std::string encrypted = "m=video 0 RTP/SAVP 96\r\na=rtpmap:96 H264/90000\r\n";
    const NormalForm& without = normalise(kHead + encrypted + kAudio, {.decryption = false});
    ASSERT_EQ(without.left_out.size(), 1U);
    EXPECT_NE(without.left_out[0].reason.find("plugin srtp"), std::string::npos);
    EXPECT_FALSE(without.encrypted);
    const NormalForm& keyless = normalise(kHead + encrypted);
    ASSERT_EQ(keyless.left_out.size(), 1U);
    EXPECT_NE(keyless.left_out[0].reason.find("no key"), std::string::npos);
    EXPECT_EQ(count(), 0U);
}

TEST_F(NormalFormTest, TakesAnySdp) {
    for (const std::string& text :
         {std::string("v=0\r\n"), kHead, kHead + "m=\r\n", kHead + "m=audio\r\n",
          kHead + "c=\r\n" + kVideo, kHead + kVideo + "c=IN IP4 \r\na=control\r\na=control:\r\n"})
        EXPECT_LE(normalise(text, {.multicast = true}).left_out.size(), 2U) << text;
}

} // namespace
} // namespace rtspproxy::backend::sdp::tests
