// What a section is. The kinds are those of recorded cameras.
#include "app/backend/sdp/section.hpp"
#include "tests/support/mikey.hpp"
#include "tests/unit/backend/sdp_texts.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace rtspproxy::backend::sdp::tests {
namespace {

using backend::tests::kSession;

SdpMessagePtr session_of(std::initializer_list<std::string_view> sections) {
    std::string text(kSession);
    for (const std::string_view section : sections)
        text += section;
    return backend::tests::parse(text);
}

std::string profile(const std::string& protocol) {
    const auto sdp = session_of({"m=video 0 " + protocol + " 96\r\n"});
    return rtp_profile(*gst_sdp_message_get_media(sdp.get(), 0)).value_or("none");
}

TEST(RtpProfile, IsReadAsCamerasWriteIt) {
    EXPECT_EQ(profile("RTP/AVP"), "RTP/AVP");
    EXPECT_EQ(profile("RTP/AVP/TCP"), "RTP/AVP");
    EXPECT_EQ(profile("RTP/AVP/UDP"), "RTP/AVP");
    EXPECT_EQ(profile("rtp/avp"), "RTP/AVP");
    EXPECT_EQ(profile("RTP/AVPF"), "RTP/AVPF");
    EXPECT_EQ(profile("RTP/SAVP"), "RTP/SAVP");
    EXPECT_EQ(profile("RTP/SAVPF/TCP"), "RTP/SAVPF");
    EXPECT_EQ(profile("MP2T/AVP"), "RTP/AVP");
}

TEST(RtpProfile, IsNoneOfOtherProtocols) {
    for (const char* protocol : {"udp", "RAW/RAW/UDP", "TCP/MSRP", "UDP/TLS/RTP/SAVPF", "RTP"})
        EXPECT_EQ(profile(protocol), "none") << protocol;
}

constexpr std::string_view kVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
constexpr std::string_view kReceived = "m=audio 0 RTP/AVP 8\r\na=recvonly\r\n";
constexpr std::string_view kUnmarked = "m=audio 0 RTP/AVP 8\r\n";
constexpr std::string_view kSent = "m=audio 0 RTP/AVP 8\r\na=sendonly\r\n";
constexpr std::string_view kRecvonly = "a=recvonly\r\n";

// The positions of the back channels.
std::vector<guint> back_channels(std::initializer_list<std::string_view> sections) {
    const auto sdp = session_of(sections);
    const Directions directions = Directions::of(*sdp);
    std::vector<guint> found;
    for (guint i = 0; i < gst_sdp_message_medias_len(sdp.get()); ++i)
        if (is_back_channel(*gst_sdp_message_get_media(sdp.get(), i), directions))
            found.push_back(i);
    return found;
}

TEST(BackChannel, IsAudioThatTheCameraWantsToBeSent) {
    using Positions = std::vector<guint>;
    EXPECT_EQ(back_channels({kVideo, kRecvonly, kReceived, kSent}), Positions{2});
    EXPECT_EQ(back_channels({kVideo, kUnmarked, kSent}), Positions{2});
    EXPECT_EQ(back_channels({kVideo, kSent, kUnmarked}), Positions{1});
    EXPECT_EQ(back_channels({kVideo, kRecvonly, kSent}), Positions{1});
}

TEST(BackChannel, IsNotWhatACameraSendsAllTheSame) {
    EXPECT_TRUE(back_channels({kVideo, kSent}).empty());
    EXPECT_TRUE(back_channels({kVideo, "a=sendonly\r\n", kSent}).empty());
    EXPECT_TRUE(back_channels({kVideo, kRecvonly, kReceived,
                               "m=application 0 RTP/AVP 107\r\na=rtpmap:107 "
                               "vnd.onvif.metadata/90000\r\na=sendonly\r\n"})
                    .empty());
}

std::string formats_left(const std::string& section) {
    const auto sdp = session_of({section});
    GstSDPMedia* raw = nullptr;
    gst_sdp_media_copy(gst_sdp_message_get_media(sdp.get(), 0), &raw);
    const std::unique_ptr<GstSDPMedia, Deleter<gst_sdp_media_free>> media(raw);
    if (!keep_known_formats(*media))
        return "none";
    std::string text;
    for (guint i = 0; i < gst_sdp_media_formats_len(media.get()); ++i)
        text += std::string(text.empty() ? "" : " ") + gst_sdp_media_get_format(media.get(), i);
    return text;
}

TEST(KnownFormats, AreThoseWithAnEncoding) {
    EXPECT_EQ(formats_left("m=audio 0 RTP/AVP 0 8 101\r\n"), "0 8");
    EXPECT_EQ(formats_left("m=video 0 RTP/AVP 96 97\r\na=rtpmap:97 H264/90000\r\n"), "97");
    EXPECT_EQ(formats_left("m=video 0 RTP/AVP 96\r\n"), "none");
    EXPECT_EQ(formats_left("m=video 0 RTP/AVP H264 *\r\n"), "none");
}

TEST(KnownFormats, OfMpegTsAreAtLeast33) {
    EXPECT_EQ(formats_left("m=video 0 MP2T/AVP 33\r\n"), "33");
    EXPECT_EQ(formats_left("m=video 0 MP2T/AVP 96\r\n"), "33");
    EXPECT_EQ(formats_left("m=video 0 MP2T/AVP 96\r\na=rtpmap:96 MP2T/90000\r\n"), "96");
}

TEST(KeyTrouble, IsWhatIsMissing) {
    const auto trouble = [](const std::string& attributes) {
        const auto sdp = session_of({"m=video 0 RTP/SAVP 96\r\n" + attributes});
        return key_trouble(*sdp, *gst_sdp_message_get_media(sdp.get(), 0));
    };
    EXPECT_NE(trouble("").find("no key"), std::string::npos);
    EXPECT_NE(trouble("a=key-mgmt:mikey nonsense\r\n").find("no key"), std::string::npos);
    const std::string by_crypto = trouble(
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAw\r\n");
    EXPECT_NE(by_crypto.find("a=crypto"), std::string::npos);
    EXPECT_EQ(by_crypto.find("d0Rm"), std::string::npos);
}

TEST(KeyTrouble, IsAnIdentifierThatGStreamerCannotRead) {
    for (const bool session : {true, false}) {
        const auto sdp = [&](const std::string& keys) {
            const std::string line = "a=key-mgmt:mikey " + keys + "\r\n";
            const std::string section = "m=video 0 RTP/SAVP 96\r\n";
            return session ? session_of({line, section}) : session_of({section, line});
        };
        const auto plain = sdp(rtspproxy::tests::mikey({}));
        EXPECT_EQ(key_trouble(*plain, *gst_sdp_message_get_media(plain.get(), 0)), "");
        const auto marked = sdp(rtspproxy::tests::mikey({1, 2, 3, 4}));
        EXPECT_NE(key_trouble(*marked, *gst_sdp_message_get_media(marked.get(), 0)).find("MKI"),
                  std::string::npos);
    }
}

TEST(NothingLeft, NamesTheFirstThatIsAmiss) {
    EXPECT_EQ(nothing_left({}), "back end offers no RTP media in its SDP");
    EXPECT_EQ(nothing_left({{"audio section 1", "is a back channel", true}}),
              "back end offers no RTP media in its SDP");
    EXPECT_NE(nothing_left({{"audio section 1", "is a back channel", true},
                            {"video section 2", "is odd", false}})
                  .find("video section 2 is odd"),
              std::string::npos);
}

} // namespace
} // namespace rtspproxy::backend::sdp::tests
