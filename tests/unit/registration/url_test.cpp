#include "plugins/registration/url.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::registration {
namespace {

TEST(CheckRtspUrl, AcceptsWhatCamerasUse) {
    for (const char* url :
         {"rtsp://camera/stream", "rtsp://192.0.2.1", "RTSP://camera:8554/a/b?c=1&d=2",
          "rtsps://user:pass@camera:322/x", "rtspu://camera/x", "rtsp://[2001:db8::1]:554/x",
          "rtsp://[::1]", "rtsp://user@camera/x", "rtsp://camera/%7Bx%7D",
          "rtsp://camera/?next=http://elsewhere:x/@", "rtspt://camera/x", "rtsph://camera:80/x",
          "rtspsu://camera/x", "rtspst://camera/x", "rtspsh://camera/x"})
        EXPECT_TRUE(check_rtsp_url(url)) << url;
}

TEST(CheckRtspUrl, RefusesOtherThings) {
    for (const char* url : {"",
                            "camera",
                            "http://camera/x",
                            "file:///etc/passwd",
                            "rtsp:/camera",
                            "rtsp:///x",
                            "rtsp://",
                            "rtsp://:554/x",
                            "rtsp://user@/x",
                            "rtsp://camera:/x",
                            "rtsp://camera:0/x",
                            "rtsp://camera:65536/x",
                            "rtsp://camera:port/x",
                            "rtsp://[::1/x",
                            "rtsp://[::1]x/y",
                            "rtsp://camera/a b",
                            "rtsp://camera/\"!quit",
                            "rtsp://camera/{x}",
                            "rtsp://camera/\xc3\xa4",
                            "rtsp://camera/a\\b",
                            "xrtsp://camera/x"})
        EXPECT_FALSE(check_rtsp_url(url)) << url;
    EXPECT_FALSE(check_rtsp_url("rtsp://camera/" + std::string(kMaxUrlLength, 'x')));
}

TEST(CheckRtspUrl, RefusesAPasswordThatWouldNotBeMasked) {
    EXPECT_FALSE(check_rtsp_url("rtsp://user:pa/ss@camera/x"));
    EXPECT_FALSE(check_rtsp_url("rtsp://user:pa?ss@camera/x"));
}

} // namespace
} // namespace rtspproxy::registration
