#include "app/server/interleaved_channels.hpp"

#include "plugins/support/deleter.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace rtspproxy::server::tests {
namespace {

using TransportPtr = std::unique_ptr<GstRTSPTransport, Deleter<gst_rtsp_transport_free>>;
using MessagePtr = std::unique_ptr<GstRTSPMessage, Deleter<gst_rtsp_message_free>>;

TransportPtr transport(const char* text) {
    GstRTSPTransport* made = nullptr;
    gst_rtsp_transport_new(&made);
    EXPECT_EQ(gst_rtsp_transport_parse(text, made), GST_RTSP_OK);
    return TransportPtr(made);
}

// What a client is answered that asks for this.
std::string answer_to(const char* request) {
    const auto asked = transport(request);
    ask_for_pair(*asked);
    if (asked->interleaved.min < 0) // as GstRTSPClient does
        asked->interleaved = {8, 9};
    hide_rtp_channel(*asked);
    GstRTSPMessage* made = nullptr;
    gst_rtsp_message_new_response(&made, GST_RTSP_STS_OK, "OK", nullptr);
    const MessagePtr response(made);
    asked->ssrc = 0xcafe;
    const GCharPtr stock(gst_rtsp_transport_as_text(asked.get()));
    gst_rtsp_message_add_header(made, GST_RTSP_HDR_TRANSPORT, stock.get());
    name_channels(*asked, made);
    char* header = nullptr;
    gst_rtsp_message_get_header(made, GST_RTSP_HDR_TRANSPORT, &header, 0);
    return header;
}

TEST(InterleavedChannelsTest, AreThoseAskedForIfTheyAreAPair) {
    EXPECT_EQ(answer_to("RTP/AVP/TCP;unicast;interleaved=0-1"),
              "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=0000CAFE;mode=\"PLAY\"");
    EXPECT_EQ(answer_to("RTP/AVP/TCP;unicast;interleaved=254-255"),
              "RTP/AVP/TCP;unicast;interleaved=254-255;ssrc=0000CAFE;mode=\"PLAY\"");
}

TEST(InterleavedChannelsTest, AreChosenIfNot) {
    for (const char* request :
         {"RTP/AVP/TCP;unicast", "RTP/AVP/TCP;unicast;interleaved=4",
          "RTP/AVP/TCP;unicast;interleaved=1-2", "RTP/AVP/TCP;unicast;interleaved=0-3"})
        EXPECT_EQ(answer_to(request),
                  "RTP/AVP/TCP;unicast;interleaved=8-9;ssrc=0000CAFE;mode=\"PLAY\"")
            << request;
}

TEST(InterleavedChannelsTest, AreNotNamedOverUdp) {
    EXPECT_EQ(answer_to("RTP/AVP;unicast;client_port=5000-5001").find("interleaved"),
              std::string::npos);
}

TEST(InterleavedChannelsTest, OfRtpIsHiddenAndSentToAllTheSame) {
    const auto hidden = transport("RTP/AVP/TCP;unicast;interleaved=6-7");
    hide_rtp_channel(*hidden);
    EXPECT_LT(hidden->interleaved.min, 0);
    EXPECT_EQ(static_cast<guint8>(hidden->interleaved.min), 6);
    EXPECT_EQ(hidden->interleaved.max, 7);
}

} // namespace
} // namespace rtspproxy::server::tests
