// Where requests go, by Content-Base, the session's control and the track's.
#include "app/backend/sdp/control_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::backend::sdp::tests {
namespace {

using ::testing::ElementsAre;

TEST(IsAbsolute, NeedsAScheme) {
    for (const char* url : {"rtsp://a", "RTSP://a/b", "rtsps://a", "x-1.y+z://"})
        EXPECT_TRUE(is_absolute(url)) << url;
    for (const char* url : {"", "://", "1://a", "track/1", "*", "/a://b", "a b://c", "rtsp:/a"})
        EXPECT_FALSE(is_absolute(url)) << url;
}

TEST(BaseUrl, IsContentBaseOrWhatWasAskedFor) {
    const char* asked = "rtsp://192.0.2.1:554/live?x=1";
    EXPECT_EQ(base_url(asked, ""), asked);
    EXPECT_EQ(base_url(asked, " \t"), asked);
    EXPECT_EQ(base_url(asked, "rtsp://other/live/"), "rtsp://other/live/");
    EXPECT_EQ(base_url(asked, " rtsp://other/live/ "), "rtsp://other/live/");
}

TEST(BaseUrl, OfAContentBaseThatLacksSomething) {
    const char* asked = "rtsp://192.0.2.1:554/a/b?x=1";
    EXPECT_EQ(base_url(asked, "/live/"), "rtsp://192.0.2.1:554/live/");
    EXPECT_EQ(base_url(asked, "192.0.2.1/live/"), "rtsp://192.0.2.1/live/");
    EXPECT_EQ(base_url(asked, "192.0.2.1:8554"), "rtsp://192.0.2.1:8554");
    EXPECT_EQ(base_url(asked, "live/"), "rtsp://192.0.2.1:554/a/live/");
}

TEST(AggregateUrl, IsTheSessionsControlIfThatIsAUrl) {
    EXPECT_EQ(aggregate_url("rtsp://a/b/", ""), "rtsp://a/b/");
    EXPECT_EQ(aggregate_url("rtsp://a/b/", "*"), "rtsp://a/b/");
    EXPECT_EQ(aggregate_url("rtsp://a/b/", "all"), "rtsp://a/b/");
    EXPECT_EQ(aggregate_url("rtsp://a/b/", "rtsp://a/c"), "rtsp://a/c");
}

TEST(Appended, PutsOneSlashBetween) {
    EXPECT_EQ(appended("rtsp://a/b", "c"), "rtsp://a/b/c");
    EXPECT_EQ(appended("rtsp://a/b/", "c"), "rtsp://a/b/c");
    EXPECT_EQ(appended("rtsp://a/b", "/c"), "rtsp://a/b/c");
    EXPECT_EQ(appended("rtsp://a/b/", "/c"), "rtsp://a/b/c");
    EXPECT_EQ(appended("rtsp://a/b?x=1", "c"), "rtsp://a/b?x=1/c");
    EXPECT_EQ(appended("rtsp://a/b", "?c=1"), "rtsp://a/b/?c=1");
}

TEST(Resolved, IsALinkInAPage) {
    EXPECT_EQ(resolved("rtsp://a/b/", "c"), "rtsp://a/b/c");
    EXPECT_EQ(resolved("rtsp://a/b", "c"), "rtsp://a/c");
    EXPECT_EQ(resolved("rtsp://a/b/d?x=/1", "c"), "rtsp://a/b/c");
    EXPECT_EQ(resolved("rtsp://a/b/", "/c"), "rtsp://a/c");
    EXPECT_EQ(resolved("rtsp://a/b?x", "?c=1"), "rtsp://a/b?c=1");
    EXPECT_EQ(resolved("rtsp://a/b", "//h/c"), "rtsp://h/c");
    EXPECT_EQ(resolved("rtsp://a", "c"), "rtsp://a/c");
    EXPECT_EQ(resolved("rtsp://a?x=1", "c"), "rtsp://a/c");
    EXPECT_EQ(resolved("rtsp://a/b", "rtsp://h/c"), "rtsp://h/c");
}

TEST(SetupUrls, BeginWithTheFormOfOtherClients) {
    EXPECT_THAT(
        setup_urls("rtsp://a/cam/real?channel=1&subtype=0", "*", "trackID=0"),
        ElementsAre("rtsp://a/cam/real?channel=1&subtype=0/trackID=0", "rtsp://a/cam/trackID=0"));
    EXPECT_THAT(setup_urls("rtsp://a/live", "", "trackID=0"),
                ElementsAre("rtsp://a/live/trackID=0", "rtsp://a/trackID=0"));
    EXPECT_THAT(setup_urls("rtsp://a/live", "", "/trackID=0"),
                ElementsAre("rtsp://a/live/trackID=0", "rtsp://a/trackID=0"));
}

TEST(SetupUrls, AreOneIfBothFormsAgree) {
    EXPECT_THAT(setup_urls("rtsp://a/live/", "", "trackID=0"),
                ElementsAre("rtsp://a/live/trackID=0"));
    EXPECT_THAT(setup_urls("rtsp://a/live", "", "rtsp://b/track"), ElementsAre("rtsp://b/track"));
}

TEST(SetupUrls, StandOnTheSessionsControl) {
    EXPECT_THAT(setup_urls("rtsp://a/live/", "rtsp://a/other/", "trackID=0"),
                ElementsAre("rtsp://a/other/trackID=0"));
}

TEST(SetupUrls, WithoutAControlAreTheBase) {
    for (const char* control : {"", "*", " "})
        EXPECT_THAT(setup_urls("rtsp://a/live?x=1", "*", control),
                    ElementsAre("rtsp://a/live?x=1"));
    EXPECT_THAT(setup_urls("rtsp://a/live", "rtsp://a/all", ""), ElementsAre("rtsp://a/all"));
}

// RFC 2326 §C.3
TEST(SetupUrls, MayTakeTheSessionsControlForTheTracks) {
    EXPECT_THAT(setup_urls("rtsp://a/live/", "trackID=0", ""),
                ElementsAre("rtsp://a/live/trackID=0"));
    EXPECT_THAT(setup_urls("rtsp://a/live/", "all", "trackID=0"),
                ElementsAre("rtsp://a/live/trackID=0"));
}

} // namespace
} // namespace rtspproxy::backend::sdp::tests
