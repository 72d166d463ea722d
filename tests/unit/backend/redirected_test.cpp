#include "app/backend/redirected.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::backend::tests {
namespace {

settings::BackendSettings settings_of(const std::string& url) {
    settings::BackendSettings settings;
    settings.url = url;
    settings.credentials = {"joe", "secret"};
    settings.mount = "cam";
    return settings;
}

TEST(Redirected, TheLoginGoesAlongToTheSameHostOnly) {
    struct Case {
        const char *own, *url;
        bool login;
    };
    const std::vector<Case> cases = {
        {"rtsp://camera/live", "rtsp://camera/elsewhere", true},
        {"rtsp://camera:8554/live", "rtsp://CAMERA/x", true},
        {"rtsp://[fe80::1]:554/live", "rtsp://[FE80::1]/x", true},
        {"rtsp://camera/live", "rtsps://camera/live", true},
        {"rtsp://camera/live", "rtsp://other/live", false},
        {"rtsp://camera/live", "rtsp://camera.evil/live", false},
        {"rtsp://camera/live", "rtsp://evil/camera", false},
        {"rtsp://camera/live", "rtsp://evil?camera", false},
        {"rtsp://127.0.0.1/live", "rtsp://127.0.0.2/live", false},
        {"rtsp://[fe80::1]/live", "rtsp://[fe80::2]/live", false},
        {"rtsps://camera/live", "rtsp://camera/live", false},
        {"rtsps://camera/live", "rtsps://camera/x", true},
    };
    for (const auto& [own, url, login] : cases) {
        const auto settings = settings_of(own);
        const auto elsewhere = redirected(settings, url);
        ASSERT_TRUE(elsewhere) << url << ": " << elsewhere.error().message;
        EXPECT_EQ(elsewhere->credentials.has_value(), login) << own << " " << url;
        EXPECT_EQ(loses_login(settings, *elsewhere), !login);
        EXPECT_EQ(elsewhere->mount, "cam");
    }
}

TEST(Redirected, TheUrlsOwnLoginIsUsedAndNotShown) {
    const auto elsewhere = redirected(settings_of("rtsp://camera/live"), "rtsp://u:p%40@other/x");
    ASSERT_TRUE(elsewhere);
    EXPECT_EQ(elsewhere->url, "rtsp://other/x");
    EXPECT_EQ(elsewhere->display_url, "rtsp://u:***@other/x");
    ASSERT_TRUE(elsewhere->credentials);
    EXPECT_EQ(elsewhere->credentials->user, "u");
    EXPECT_EQ(elsewhere->credentials->password, "p@");
}

TEST(Redirected, ToWhatCannotBeUsedIsAnErrorWithoutTheUrl) {
    for (const char* url : {"http://camera/secret", "rtsp://", "camera", "rtsp://a b/secret",
                            "rtsp://camera:0/secret", "rtsp://camera/\nsecret", ""}) {
        const auto elsewhere = redirected(settings_of("rtsp://camera/live"), url);
        ASSERT_FALSE(elsewhere) << url;
        EXPECT_EQ(elsewhere.error().message.find("secret"), std::string::npos);
    }
}

TEST(Redirected, ALentConnectionLeadsToItsDeviceOnly) {
    auto settings = settings_of("rtsp://device/live");
    settings.proxy = "127.0.0.1:4000";
    const auto elsewhere = redirected(settings, "rtsp://device/other");
    ASSERT_TRUE(elsewhere);
    EXPECT_EQ(elsewhere->proxy, settings.proxy);
    EXPECT_FALSE(redirected(settings, "rtsp://other/live"));
}

} // namespace
} // namespace rtspproxy::backend::tests
