// Passwords appear nowhere: not in what is printed, not in the list of processes.
#include "tests/e2e/proxy.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace rtspproxy::tests {
namespace {

// user "jane", password "hunter2": Basic is base64 of "jane:hunter2".
constexpr const char* kPassword = "hunter2";
constexpr const char* kBasic = "amFuZTpodW50ZXIy";

std::string command_line_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class Secrets : public WatchedTest, public ::testing::WithParamInterface<bool> {
  protected:
    Secrets() : server_({.user = "jane", .password = kPassword, .digest = GetParam()}) {
        server_.mount("/live", launch_line(private_track(0)));
    }

    // Plays through a proxy that says all it can, and looks for the password everywhere.
    void expect_kept(const std::vector<std::string>& arguments) {
        Proxy proxy(arguments);
        ASSERT_TRUE(proxy.wait_ready());
        RtspPlayer player(proxy.url());
        ASSERT_TRUE(player.play().has_value());
        ASSERT_TRUE(player.wait_packets(20));
        EXPECT_EQ(command_line_of(proxy.process().pid()).find(kPassword), std::string::npos);
        EXPECT_NE(command_line_of(proxy.process().pid()).find("gst-rtsp-proxy"), std::string::npos);
        EXPECT_EQ(proxy.end(), 0);
        const std::string said = proxy.process().out() + proxy.process().err();
        EXPECT_EQ(said.find(kPassword), std::string::npos);
        EXPECT_EQ(said.find(kBasic), std::string::npos);
        EXPECT_FALSE(std::regex_search(said, std::regex("response=\"?[0-9a-f]{32}")));
    }

    TestServer server_;
};

TEST_P(Secrets, OfTheUrlAreKept) {
    expect_kept({"-V", server_.url("/live", "jane:hunter2@")});
}

TEST_P(Secrets, OfTheOptionAreKept) {
    expect_kept({"-V", "-u", "jane", kPassword, server_.url("/live")});
}

TEST_P(Secrets, AreMaskedWhereAUrlIsShown) {
    Proxy proxy({server_.url("/live", "jane:hunter2@")});
    ASSERT_TRUE(proxy.wait_announced());
    const auto lines = play_lines(proxy.process().out());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].backend, server_.url("/live", "jane:***@"));
    EXPECT_EQ(lines[0].url, proxy.url());
}

INSTANTIATE_TEST_SUITE_P(, Secrets, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Digest" : "Basic"; });

class Verbose : public WatchedTest {};

// Every message of the whole conversation, in its order.
TEST_F(Verbose, PrintsTheMessagesExchanged) {
    TestServer server({.user = "jane", .password = kPassword});
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({"-V", "-t", "--idle-timeout", "1", server.url("/live", "jane:hunter2@")});
    ASSERT_TRUE(proxy.wait_ready());
    {
        RtspPlayer player(proxy.url());
        ASSERT_TRUE(player.play().has_value());
        ASSERT_TRUE(player.wait_packets(20));
        EXPECT_TRUE(player.teardown().has_value());
    }
    ASSERT_TRUE(proxy.process().wait_err("TEARDOWN"));
    EXPECT_EQ(proxy.end(), 0);
    const std::string said = proxy.process().err();
    std::size_t at = 0;
    for (const char* part : {"OPTIONS", "DESCRIBE", "401", "DESCRIBE", "Authorization: ", "200",
                             "m=video", "SETUP", "interleaved", "PLAY", "200", "TEARDOWN"}) {
        const auto found = said.find(part, at);
        ASSERT_NE(found, std::string::npos) << part << " after position " << at;
        at = found;
    }
    // As many requests were printed as the server got.
    const auto count = [&said](const std::string& request) {
        std::size_t occurrences = 0;
        for (auto position = said.find(request); position != std::string::npos;
             position = said.find(request, position + 1))
            ++occurrences;
        return occurrences;
    };
    for (const char* method : {"SETUP", "PLAY", "TEARDOWN"})
        EXPECT_GE(count(std::string(method) + " rtsp://"),
                  static_cast<std::size_t>(server.count(method)))
            << method;
}

TEST_F(Verbose, TellsWhatHappensToBackEnds) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({"-v", "cam=" + server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready("cam"));
    RtspPlayer player(proxy.url("cam"));
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(20));
    EXPECT_EQ(proxy.end(), 0);
    const auto said = proxy.process().err();
    EXPECT_NE(said.find("cam: connecting"), std::string::npos);
    EXPECT_NE(said.find("cam: live"), std::string::npos);
    EXPECT_EQ(said.find("DESCRIBE"), std::string::npos) << "that is for -V";
}

TEST_F(Verbose, IsQuietWithout) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({"-t", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(20));
    EXPECT_EQ(proxy.end(), 0);
    EXPECT_EQ(proxy.process().err(), "");
}

} // namespace
} // namespace rtspproxy::tests
