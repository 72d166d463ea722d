#include "app/log.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace rtspproxy::log::tests {
namespace {

std::string printed_by(const std::function<void()>& action) {
    ::testing::internal::CaptureStderr();
    action();
    std::fflush(stderr);
    return ::testing::internal::GetCapturedStderr();
}

constexpr const char* kWords = "404 \x1b]0;title\x07\r\nerror: forged \xc2\x9b"
                               "2J \xff";
constexpr const char* kShown = "404 \\x1b]0;title\\x07\\x0d\\x0aerror: forged \\xc2\\x9b2J \\xff";

TEST(Log, ShowsTheWordsOfOthersInOneLine) {
    EXPECT_EQ(printed_by([] { warning("cam: %s", kWords); }),
              std::string("gst-rtsp-proxy: warning: cam: ") + kShown + "\n");
    EXPECT_EQ(printed_by([] { error("%s", kWords); }),
              std::string("gst-rtsp-proxy: error: ") + kShown + "\n");
}

TEST(Log, OfLinesEachEndsWhereItDid) {
    EXPECT_EQ(printed_by([] { print_lines("one\n\ntwo \x1b[2J\nthree"); }),
              "one\n\ntwo \\x1b[2J\nthree\n");
    EXPECT_EQ(printed_by([] { print_lines(""); }), "");
}

} // namespace
} // namespace rtspproxy::log::tests
