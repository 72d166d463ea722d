#include "app/settings/mount_names.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::settings {
namespace {

TEST(MountNames, DefaultDependsOnTheNumberOfBackEnds) {
    EXPECT_EQ(default_mount(0, 1), "proxyStream");
    EXPECT_EQ(default_mount(0, 2), "proxyStream-1");
    EXPECT_EQ(default_mount(11, 12), "proxyStream-12");
}

TEST(MountNames, ParsesPathsOfSaneSegments) {
    for (const char* name : {"cam1", "a", "floor2/door", "a/b/c", "A-b_c.d~e", "...", ".hidden"})
        EXPECT_EQ(parse_mount_name(name).value_or("(refused)"), name);
    EXPECT_EQ(parse_mount_name("/cam1").value_or("(refused)"), "cam1");
    EXPECT_TRUE(parse_mount_name(std::string(255, 'x')));
}

TEST(MountNames, RefusesOthers) {
    for (const char* name : {"", "/", "//a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a b", "a?b",
                             "a=b", "a%41", "a:b", "a@b", "\xc3\xa9", "a\nb", "*"})
        EXPECT_FALSE(parse_mount_name(name)) << '"' << name << '"';
    EXPECT_FALSE(parse_mount_name(std::string(256, 'x')));
}

TEST(MountNames, TakesNamePrecedingTheSchemeOff) {
    const auto named = split_named_url("cam/1=rtsp://host/?channel=1");
    EXPECT_TRUE(named.has_name);
    EXPECT_EQ(named.name, "cam/1");
    EXPECT_EQ(named.url, "rtsp://host/?channel=1");
    EXPECT_EQ(named.url_begin, 6U);

    const auto empty = split_named_url("=rtsp://host");
    EXPECT_TRUE(empty.has_name);
    EXPECT_EQ(empty.name, "");
}

TEST(MountNames, LeavesEqualsSignsOfTheUrlAlone) {
    for (const char* argument :
         {"rtsp://host/?channel=1", "rtsp://host/user=a_channel=1", "rtsp://host?u=rtsp://b",
          "cam=host/path", "a=b=rtsp://host", "", "="}) {
        const auto named = split_named_url(argument);
        EXPECT_FALSE(named.has_name) << argument;
        EXPECT_EQ(named.url, argument);
        EXPECT_EQ(named.url_begin, 0U);
    }
}

} // namespace
} // namespace rtspproxy::settings
