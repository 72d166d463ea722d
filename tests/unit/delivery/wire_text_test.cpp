#include "app/delivery/takeover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::delivery::tests {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Message {
    ~Message() { gst_rtsp_message_unset(&value); }
    GstRTSPMessage value{};
};

TEST(WireText, OfAResponse) {
    Message message;
    gst_rtsp_message_init_response(&message.value, GST_RTSP_STS_OK, "OK", nullptr);
    gst_rtsp_message_add_header(&message.value, GST_RTSP_HDR_CSEQ, "7");
    const std::string text = wire_text(message.value);
    EXPECT_THAT(text, StartsWith("RTSP/1.0 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nCSeq: 7\r\n"));
    EXPECT_THAT(text,
                testing::ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                       "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n"));
    EXPECT_THAT(text, EndsWith("\r\n\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
}

TEST(WireText, OfAResponseWithABody) {
    Message message;
    gst_rtsp_message_init_response(&message.value, GST_RTSP_STS_OK, "OK", nullptr);
    gst_rtsp_message_set_body(&message.value, reinterpret_cast<const guint8*>("v=0\r\n"), 5);
    EXPECT_THAT(wire_text(message.value), EndsWith("Content-Length: 5\r\n\r\nv=0\r\n"));
}

TEST(WireText, OfARequest) {
    Message message;
    gst_rtsp_message_init_request(&message.value, GST_RTSP_TEARDOWN, "rtsp://host/mount");
    EXPECT_THAT(wire_text(message.value), StartsWith("TEARDOWN rtsp://host/mount RTSP/1.0\r\n"));
}

TEST(WireText, OfData) {
    Message message;
    gst_rtsp_message_init_data(&message.value, 3);
    gst_rtsp_message_set_body(&message.value, reinterpret_cast<const guint8*>("abc"), 3);
    EXPECT_EQ(wire_text(message.value), std::string("$\x03\x00\x03"
                                                    "abc",
                                                    7));
}

} // namespace
} // namespace rtspproxy::delivery::tests
