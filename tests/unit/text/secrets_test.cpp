#include "plugins/text/secrets.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace rtspproxy::text {
namespace {

TEST(FindSchemeEnd, FindsASchemeOnlyAtTheStart) {
    EXPECT_EQ(find_scheme_end("rtsp://host"), 4U);
    EXPECT_EQ(find_scheme_end("RTSPS+x://host"), 7U);
    for (const char* text : {"", "://host", "host", "rtsp:/host", "1rtsp://host", "a=rtsp://host",
                             "host/rtsp://other"})
        EXPECT_EQ(find_scheme_end(text), std::string_view::npos) << text;
}

// More cases, with a name in front of the URL: tests/unit/settings/secrets_test.cpp.
TEST(MaskSecrets, HidesWhatARegistrationMayHold) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"rtsp://user:secret@camera:554/x", "rtsp://user:***@camera:554/x"},
        {"rtsp://user:se@cret@camera/x", "rtsp://user:***@camera/x"},
        {"rtsp://user:@camera", "rtsp://user:***@camera"},
        {"rtspt://camera/user=joe_password=secret_channel=1",
         "rtspt://camera/user=joe_password=***_channel=1"},
        {"rtsp://camera/live?user=joe&pwd=secret", "rtsp://camera/live?user=joe&pwd=***"},
        {"rtsp://user:one@camera/?pass=two", "rtsp://user:***@camera/?pass=***"},
    };
    for (const auto& [url, masked] : cases)
        EXPECT_EQ(mask_secrets(url), masked);
    for (const char* url : {"rtsp://user@camera:554/x", "rtsp://[::1]:554/x", "rtsp://camera", ""})
        EXPECT_EQ(mask_secrets(url), url);
}

TEST(MaskUrlsWithin, MasksEachUrlOfALine) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"DESCRIBE rtsp://cam/password=secret RTSP/1.0",
         "DESCRIBE rtsp://cam/password=*** RTSP/1.0"},
        {"RTP-Info: url=rtsp://cam/a?pwd=x;seq=1,url=rtsp://cam/b?pwd=y;seq=2",
         "RTP-Info: url=rtsp://cam/a?pwd=***;seq=1,url=rtsp://cam/b?pwd=***;seq=2"},
        {"a=control:rtsp://joe:secret@cam/track1", "a=control:rtsp://joe:***@cam/track1"},
        {"Date: Sun, 29 Nov 2026 11:05:30 GMT", "Date: Sun, 29 Nov 2026 11:05:30 GMT"},
        {"Range: npt=0-", "Range: npt=0-"},
        {"://", "://"},
        {"", ""},
    };
    for (const auto& [line, masked] : cases)
        EXPECT_EQ(mask_urls_within(line), masked);
}

} // namespace
} // namespace rtspproxy::text
