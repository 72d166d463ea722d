// Cameras that say that their stream is elsewhere.
#include "tests/e2e/proxy.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/scripted_camera.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace rtspproxy::tests {
namespace {

using Connection = ScriptedCamera::Connection;
using Request = ScriptedCamera::Request;

constexpr const char* kBasic = "Basic am9lOnNlY3JldA=="; // joe:secret

// Sends whoever describes anything but `target` there.
std::function<bool(Connection&, const Request&)>
redirecting(int status, const std::string& location, const std::string& target = "") {
    return [=](Connection& connection, const Request& request) {
        if (request.method != "DESCRIBE" || (!target.empty() && request.url.ends_with(target)))
            return false;
        connection.answer(request, status, "Moved", "Location: " + location + "\r\n");
        return true;
    };
}

class Redirected : public WatchedTest {
  protected:
    static void expect_played(ScriptedCamera& camera, Proxy& proxy) {
        ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
        RtspPlayer player(proxy.url());
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        ASSERT_TRUE(player.wait_packets(30)) << proxy.report();
        const auto difference = find_difference(camera.sent(), player.packets());
        EXPECT_FALSE(difference) << *difference;
    }
    // 127.0.0.1 is another host than localhost, for all that anybody knows.
    static std::string by_name(std::string url, const std::string& login = "") {
        return url.replace(url.find("127.0.0.1"), 9, login + "localhost");
    }
};

TEST_F(Redirected, WithinTheCamera) {
    for (const int status : {301, 302, 303, 307}) {
        SCOPED_TRACE(status);
        ScriptedCamera camera({.on_request = redirecting(status, "/elsewhere", "/elsewhere")});
        Proxy proxy({"-t", camera.url()});
        expect_played(camera, proxy);
        EXPECT_TRUE(proxy.process().wait_err("back end redirects to " + camera.url("/elsewhere")));
    }
}

// A Basic login, as any host may ask for it.
ScriptedCamera::Script asking(bool lets_in) {
    return {.on_request = [lets_in](Connection& connection, const Request& request) {
        if (request.method == "OPTIONS" || (lets_in && request.header("authorization") == kBasic))
            return false;
        connection.answer(request, 401, "Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n");
        return true;
    }};
}

TEST_F(Redirected, ToAnotherHostWithoutTheLogin) {
    ScriptedCamera other(asking(false));
    ScriptedCamera camera({.on_request = redirecting(302, other.url("/x"))});
    Proxy proxy({"-t", by_name(camera.url(), "joe:secret@")});
    EXPECT_TRUE(proxy.process().wait_err("back end redirects to " + other.url("/x") +
                                         ", where no login is given"));
    EXPECT_TRUE(proxy.process().wait_err("back end lost: back end answered 401"));
    ASSERT_TRUE(eventually([&] { return other.count("DESCRIBE") >= 2; }));
    for (const auto& request : other.requests())
        EXPECT_EQ(request.header("authorization"), "") << request.method;
}

TEST_F(Redirected, ToAnotherPortOfTheHostWithTheLogin) {
    ScriptedCamera other(asking(true));
    ScriptedCamera camera({.on_request = redirecting(302, other.url("/x"))});
    std::string url = camera.url();
    Proxy proxy({"-t", url.insert(url.find("//") + 2, "joe:secret@")});
    expect_played(other, proxy);
}

TEST_F(Redirected, WithALoginOfItsOwn) {
    ScriptedCamera other(asking(true));
    std::string location = other.url("/x");
    location.insert(location.find("//") + 2, "joe:secret@");
    ScriptedCamera camera({.on_request = redirecting(302, location)});
    Proxy proxy({"-t", "-V", by_name(camera.url())});
    expect_played(other, proxy);
    EXPECT_EQ(proxy.end(), 0);
    EXPECT_EQ(proxy.process().err().find("secret"), std::string::npos);
}

TEST_F(Redirected, WithoutEndIsAFailure) {
    ScriptedCamera camera({.on_request = redirecting(302, "again")});
    Proxy proxy({"-t", "--connect-timeout", "60", camera.url()});
    EXPECT_TRUE(proxy.process().wait_err("back end lost: back end redirects without end"));
    // Six at a time, and then a pause as after any failure: half a second, then twice as long.
    EXPECT_TRUE(throughout([&] { return camera.count("DESCRIBE") <= 24; }, 3s));
    EXPECT_GE(camera.count("DESCRIBE"), 6U);
}

TEST_F(Redirected, ToNothingThatCouldBeUsedIsSaid) {
    for (const char* location : {"http://127.0.0.1/", "rtsp://"}) {
        ScriptedCamera camera({.on_request = redirecting(302, location)});
        Proxy proxy({"-t", camera.url()});
        EXPECT_TRUE(proxy.process().wait_err("back end lost: back end redirects to"));
    }
}

} // namespace
} // namespace rtspproxy::tests
