#include "app/backend/exchange/url.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

TEST(Url, IsResolved) {
    const char* const base = "rtsp://camera:554/live/main?channel=1/2";
    EXPECT_EQ(resolve(base, "rtsp://other/x"), "rtsp://other/x");
    EXPECT_EQ(resolve(base, "RTSPS://other/x"), "RTSPS://other/x");
    EXPECT_EQ(resolve(base, "/x"), "rtsp://camera:554/x");
    EXPECT_EQ(resolve(base, "x?y"), "rtsp://camera:554/live/x?y");
    EXPECT_EQ(resolve(base, "?y"), "rtsp://camera:554/live/main?y");
    EXPECT_EQ(resolve(base, "//other:8554/x"), "rtsp://other:8554/x");
    EXPECT_EQ(resolve("rtsp://camera", "x"), "rtsp://camera/x");
    EXPECT_EQ(resolve("rtsp://camera?a", "/x"), "rtsp://camera/x");
}

TEST(Url, WhatGivesNoneIsEmpty) {
    EXPECT_EQ(resolve("rtsp://camera/live", ""), "");
    EXPECT_EQ(resolve("rtsp://camera/live", "http://camera/x"), "");
    EXPECT_EQ(resolve("*", "/x"), "");
    EXPECT_FALSE(is_rtsp_url("rtsp:///x"));
    EXPECT_FALSE(is_rtsp_url("rtsp://"));
    EXPECT_FALSE(is_rtsp_url("://"));
    EXPECT_FALSE(is_rtsp_url("rtsp"));
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
