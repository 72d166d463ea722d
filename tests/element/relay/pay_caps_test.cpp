// rtprelaypay: which caps leave it.
#include "tests/element/relay/pay_fixture.hpp"

namespace rtspproxy::tests {
namespace {

class PayCaps : public PayTest {};

TEST_F(PayCaps, TakesTheInputsCapsOver) {
    start(kH264Caps);
    EXPECT_EQ(output_caps(), kH264Caps);
    EXPECT_EQ(take_events(), (Names{"stream-start", "caps", "segment"}));
}

TEST_F(PayCaps, LeavesOutWhatBelongsToTheBackEndsSession) {
    start("application/x-rtp, media=(string)video, payload=(int)96, clock-rate=(int)90000, "
          "encoding-name=(string)H264, ssrc=(uint)77, clock-base=(uint)5, seqnum-base=(uint)6, "
          "npt-start=(guint64)0, npt-stop=(guint64)9, play-speed=(double)1, play-scale=(double)1, "
          "onvif-mode=(boolean)false, seqnum-offset=(uint)1, timestamp-offset=(uint)2, "
          "packetization-mode=(string)1");
    EXPECT_EQ(output_caps(), kH264Caps);
}

TEST_F(PayCaps, KeepsFormatParametersAndAttributes) {
    const std::string caps =
        "application/x-rtp, media=(string)audio, payload=(int)97, clock-rate=(int)48000, "
        "encoding-name=(string)OPUS, encoding-params=(string)2, sprop-stereo=(string)1, "
        "a-lang=(string)de, extmap-1=(string)urn:ietf:params:rtp-hdrext:toffset";
    start(caps.c_str());
    EXPECT_EQ(output_caps(), caps);
}

TEST_F(PayCaps, NameTheSsrcAndPayloadTypeThatWereSet) {
    set("ssrc", "4294967295");
    set("pt", "101");
    start(kAudioCaps);
    EXPECT_EQ(output_caps(),
              "application/x-rtp, media=(string)audio, payload=(int)101, clock-rate=(int)8000, "
              "encoding-name=(string)PCMA, ssrc=(uint)4294967295");
    EXPECT_EQ(get("pt"), "101");
}

TEST_F(PayCaps, TellThePayloadType) {
    start(kAudioCaps);
    EXPECT_EQ(get("pt"), "8");
    EXPECT_EQ(stat("pt"), 8U);
    EXPECT_EQ(stat("clock-rate"), 8000U);
}

TEST_F(PayCaps, MayBeAsPoorAsTheirNameOnly) {
    start("application/x-rtp");
    EXPECT_EQ(output_caps(), "application/x-rtp");
    push_unit(0);
    push_unit(3600);
    EXPECT_EQ(take_sequences(), (Sequences{100, 101}));
}

TEST_F(PayCaps, OfAnotherKindAreRefused) {
    start("video/x-h264");
    EXPECT_EQ(push(Packet{1, 0, true}), GST_FLOW_NOT_NEGOTIATED);
    EXPECT_EQ(output_caps(), "none");
}

TEST_F(PayCaps, OfANewSourceReplaceTheOld) {
    start(kH264Caps);
    take_events();
    push_stream_start();
    gst_harness_set_src_caps_str(harness(), kAudioCaps);
    EXPECT_EQ(output_caps(), kAudioCaps);
    EXPECT_EQ(take_events(), (Names{"stream-start", "caps", "segment"}));
    EXPECT_EQ(stat("clock-rate"), 8000U);
}

// Packets that came with the old caps leave before the new ones.
TEST_F(PayCaps, InTheMiddleOfAnAccessUnitEndIt) {
    start(kH264Caps);
    push(Packet{1, 0, false, kSlice});
    EXPECT_TRUE(take_groups().empty());
    take_log();
    gst_harness_set_src_caps_str(harness(), "application/x-rtp, media=(string)video, "
                                            "payload=(int)97, clock-rate=(int)90000, "
                                            "encoding-name=(string)H264");
    EXPECT_EQ(take_log(), (Names{"packets", "stream-start", "caps", "segment"}));
    take();
    push(Packet{2, 3600, true, kSlice});
    EXPECT_EQ(take_sequences(), Sequences{2});
}

TEST_F(PayCaps, KnownBeforehandLeaveWithoutAnyInput) {
    set("caps", kH264Caps);
    set("ssrc", "5");
    start(nullptr);
    ASSERT_TRUE(eventually([this] { return !!last_event(GST_EVENT_GAP); }));
    EXPECT_EQ(output_caps(), std::string(kH264Caps) + ", ssrc=(uint)5");
    EXPECT_EQ(take_events(), (Names{"stream-start", "caps", "segment", "gap"}));
}

TEST_F(PayCaps, KnownBeforehandAreNotReplaced) {
    set("caps", kH264Caps);
    start(kH264Caps);
    ASSERT_TRUE(wait_until_open());
    push_stream_start();
    gst_harness_set_src_caps_str(harness(), kAudioCaps);
    EXPECT_EQ(take_events(), Names{});
    EXPECT_EQ(output_caps(), kH264Caps);
    EXPECT_EQ(stat("clock-rate"), 90000U);
    EXPECT_EQ(get("pt"), "96");
}

// Anything that is no caps of one stream would not be a caps event either.
TEST_F(PayCaps, ThatAreNoneOfOneStreamAreNotTakenForKnown) {
    for (const char* caps : {"ANY", "EMPTY", "video/x-raw", "application/x-rtp, payload=[96, 127]",
                             "application/x-rtp; application/x-srtp"}) {
        set("caps", kH264Caps);
        set("caps", caps);
        EXPECT_EQ(get("caps"), kNoCaps) << caps;
    }
    start(kAudioCaps);
    EXPECT_EQ(output_caps(), kAudioCaps);
}

TEST_F(PayCaps, MayBeTakenBack) {
    set("caps", kH264Caps);
    g_object_set(element(), "caps", nullptr, nullptr);
    start(kAudioCaps);
    EXPECT_EQ(output_caps(), kAudioCaps);
}

TEST_F(PayCaps, AreWhatTheSourcePadIsAskedFor) {
    start(kH264Caps);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "src"));
    const auto caps = Ref<GstCaps>::adopt(gst_pad_query_caps(pad.get(), nullptr));
    const GCharPtr text(gst_caps_to_string(caps.get()));
    EXPECT_STREQ(text.get(), kH264Caps);
}

TEST_F(PayCaps, TheSinkPadTakesAnyRtp) {
    start(kH264Caps);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "sink"));
    const auto ask = [&pad](const char* filter_text) {
        const auto filter = Ref<GstCaps>::adopt(
            filter_text != nullptr ? gst_caps_from_string(filter_text) : nullptr);
        const auto caps = Ref<GstCaps>::adopt(gst_pad_query_caps(pad.get(), filter.get()));
        const GCharPtr text(gst_caps_to_string(caps.get()));
        return std::string(text.get());
    };
    EXPECT_EQ(ask(nullptr), "application/x-rtp");
    EXPECT_EQ(ask(kAudioCaps), kAudioCaps);
    EXPECT_EQ(ask("video/x-raw"), "EMPTY");
}

} // namespace
} // namespace rtspproxy::tests
