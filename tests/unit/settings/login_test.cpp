#include "app/settings/login.hpp"

#include "plugins/support/deleter.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>

namespace rtspproxy::settings {
namespace {

// A file that ends with the test.
class TemporaryFile {
  public:
    explicit TemporaryFile(std::string_view content) {
        char* name = nullptr;
        const int descriptor = g_file_open_tmp(nullptr, &name, nullptr);
        path_ = GCharPtr(name).get();
        EXPECT_GE(descriptor, 0);
        EXPECT_EQ(write(descriptor, content.data(), content.size()),
                  static_cast<ssize_t>(content.size()));
        close(descriptor);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { std::filesystem::remove(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

Environment environment_of(std::map<std::string, std::string> variables) {
    return
        [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
}

TEST(PasswordFile, HoldsUserAndPassword) {
    const std::vector<std::pair<std::string, Credentials>> cases = {
        {"bob:secret\n", {"bob", "secret"}},
        {"bob:secret", {"bob", "secret"}},
        {"bob:secret\r\nmore\n", {"bob", "secret"}},
        {"bob:\n", {"bob", ""}},
        {"bob: s:e c@ret \nmore", {"bob", " s:e c@ret "}},
        {"bob:" + std::string(1019, 'x') + "\n", {"bob", std::string(1019, 'x')}},
    };
    for (const auto& [content, expected] : cases) {
        SCOPED_TRACE(content);
        const auto credentials = read_password_file(TemporaryFile(content).path());
        ASSERT_TRUE(credentials) << credentials.error().message;
        EXPECT_EQ(credentials->user, expected.user);
        EXPECT_EQ(credentials->password, expected.password);
    }
}

TEST(PasswordFile, RefusesOtherContentWithoutQuotingIt) {
    for (const std::string& content :
         {std::string(), std::string("\n"), std::string("secret\n"), std::string(":secret\n"),
          "bob:secret" + std::string(2000, 'x')}) {
        const TemporaryFile file(content);
        const auto credentials = read_password_file(file.path());
        ASSERT_FALSE(credentials) << content;
        EXPECT_NE(credentials.error().message.find(file.path()), std::string::npos);
        EXPECT_EQ(credentials.error().message.find("secret"), std::string::npos);
    }
}

TEST(PasswordFile, MustBeReadable) {
    for (const char* path : {"", "/nonexistent/login", "/"}) {
        const auto credentials = read_password_file(path);
        ASSERT_FALSE(credentials) << path;
        EXPECT_NE(credentials.error().message.find("--password-file"), std::string::npos);
    }
}

TEST(EnvironmentLogin, NeedsAUser) {
    const auto login = environment_login(
        environment_of({{"GST_RTSP_PROXY_USER", "bob"}, {"GST_RTSP_PROXY_PASSWORD", "secret"}}));
    ASSERT_TRUE(login && *login);
    EXPECT_EQ((*login)->user, "bob");
    EXPECT_EQ((*login)->password, "secret");

    const auto no_password = environment_login(environment_of({{"GST_RTSP_PROXY_USER", "bob"}}));
    ASSERT_TRUE(no_password && *no_password);
    EXPECT_EQ((*no_password)->password, "");

    const auto nothing = environment_login(environment_of({}));
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);
    const auto empty = environment_login(
        environment_of({{"GST_RTSP_PROXY_USER", ""}, {"GST_RTSP_PROXY_PASSWORD", ""}}));
    ASSERT_TRUE(empty);
    EXPECT_FALSE(*empty);

    const auto no_user = environment_login(environment_of({{"GST_RTSP_PROXY_PASSWORD", "secret"}}));
    ASSERT_FALSE(no_user);
    EXPECT_EQ(no_user.error().message.find("secret"), std::string::npos);
}

TEST(EnvironmentLogin, ReadsTheProcess) {
    const auto environment = process_environment();
    ASSERT_EQ(setenv("RTSPPROXY_TEST_VARIABLE", "value", 1), 0);
    EXPECT_EQ(environment("RTSPPROXY_TEST_VARIABLE"), "value");
    ASSERT_EQ(unsetenv("RTSPPROXY_TEST_VARIABLE"), 0);
    EXPECT_EQ(environment("RTSPPROXY_TEST_VARIABLE"), std::nullopt);
}

TEST(BackendLogin, UrlWinsOverCommonLogin) {
    const std::optional<Credentials> common = Credentials{"bob", "common"};
    const auto login = [&](const char* url, const std::optional<Credentials>& fallback) {
        return backend_login(parse_backend_url(url).value(), fallback);
    };
    EXPECT_EQ(login("rtsp://host", std::nullopt), std::nullopt);
    EXPECT_EQ(login("rtsp://host", common), common);
    EXPECT_EQ(login("rtsp://al:own@host", common), (Credentials{"al", "own"}));
    EXPECT_EQ(login("rtsp://bob:own@host", common), (Credentials{"bob", "own"}));
    EXPECT_EQ(login("rtsp://bob:@host", common), (Credentials{"bob", ""}));
    EXPECT_EQ(login("rtsp://bob@host", common), common);
    EXPECT_EQ(login("rtsp://al@host", common), (Credentials{"al", ""}));
    EXPECT_EQ(login("rtsp://al@host", std::nullopt), (Credentials{"al", ""}));
}

} // namespace
} // namespace rtspproxy::settings
