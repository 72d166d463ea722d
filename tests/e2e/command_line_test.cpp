// What the program says and how it ends.
#include "plugins/support/ref.hpp"
#include "tests/e2e/proxy.hpp"
#include "tests/support/ffmpeg.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace rtspproxy::tests {
namespace {

using Arguments = std::vector<std::string>;

class CommandLine : public WatchedTest {};

TEST_F(CommandLine, ExplainsEveryOption) {
    for (const char* option : {"--help", "-h"}) {
        const auto finished = run_proxy({option});
        EXPECT_EQ(finished.exit_code, 0);
        EXPECT_EQ(finished.err, "");
        for (const char* named : {"-v",
                                  "--verbose",
                                  "-V",
                                  "--very-verbose",
                                  "-t",
                                  "--tcp",
                                  "-T",
                                  "--http-tunnel",
                                  "-u",
                                  "--user",
                                  "-p",
                                  "--port",
                                  "--bind",
                                  "--latency",
                                  "--always-on",
                                  "--idle-timeout",
                                  "--strict-transport",
                                  "--print-launch",
                                  "--demo",
                                  "--help",
                                  "--version",
                                  "URL"})
            EXPECT_NE(finished.out.find(named), std::string::npos) << named << "\n" << finished.out;
    }
}

TEST_F(CommandLine, TellsItsVersion) {
    const auto finished = run_proxy({"--version"});
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_EQ(finished.err, "");
    EXPECT_EQ(finished.out.rfind("gst-rtsp-proxy " RTSPPROXY_VERSION, 0), 0U) << finished.out;
}

struct UsageCase {
    const char* name;
    Arguments arguments; // "URL" stands for a real one
    // What the message has to name.
    const char* named;
};

void PrintTo(const UsageCase& test, std::ostream* stream) {
    *stream << test.name;
}

class WrongUsage : public WatchedTest, public ::testing::WithParamInterface<UsageCase> {};

TEST_P(WrongUsage, IsOneLineAndExitCode2AndNothingStarted) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    auto arguments = GetParam().arguments;
    std::ranges::replace(arguments, "URL", server.url("/live"));
    const auto finished = run_proxy(arguments);
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(split_lines(finished.err).size(), 1U) << finished.err;
    EXPECT_NE(finished.err.find(GetParam().named), std::string::npos) << finished.err;
    EXPECT_EQ(server.counts().clients_ever, 0);
}

const UsageCase kWrongUsages[] = {
    {"Nothing", {}, "URL"},
    {"NoUrl", {"-t"}, "URL"},
    {"UnknownOption", {"--frobnicate", "URL"}, "--frobnicate"},
    {"UnknownShortOption", {"-Q", "URL"}, "-Q"},
    {"NotRtsp", {"http://127.0.0.1/live"}, "http://127.0.0.1/live"},
    {"NotAUrl", {"camera"}, "camera"},
    {"TcpAndTunnel", {"-t", "-T", "80", "URL"}, "--http-tunnel"},
    {"TunnelPortZero", {"-T", "0", "URL"}, "--http-tunnel"},
    {"PortTooLarge", {"-p", "65536", "URL"}, "--port"},
    {"PortNoNumber", {"-p", "eighty", "URL"}, "--port"},
    {"PortMissing", {"URL", "-p"}, "--port"},
    {"UserWithoutPassword", {"URL", "-u", "jane"}, "--user"},
    {"LatencyNegative", {"--latency=-1", "URL"}, "--latency"},
    {"BindToAName", {"--bind", "localhost", "URL"}, "--bind"},
    {"IdleTimeoutNoNumber", {"--idle-timeout", "soon", "URL"}, "--idle-timeout"},
    {"SameNameTwice", {"cam=URL1", "cam=rtsp://127.0.0.1/b"}, "cam"},
    {"EmptyName", {"=rtsp://127.0.0.1/b"}, "name"},
};

INSTANTIATE_TEST_SUITE_P(, WrongUsage, ::testing::ValuesIn(kWrongUsages),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(CommandLine, NamesOneMountPlainly) {
    TestServer server;
    Proxy proxy({server.url("/live")});
    ASSERT_TRUE(proxy.wait_announced());
    EXPECT_EQ(proxy.process().out(),
              "Play \"" + server.url("/live") + "\" at: " + proxy.url("proxyStream") + "\n");
}

TEST_F(CommandLine, NumbersSeveralMounts) {
    TestServer server;
    server.mount("/a", launch_line(private_track(0)));
    server.mount("/b", launch_line(private_track(0)));
    server.mount("/c", launch_line(private_track(0)));
    Proxy proxy({"-t", server.url("/a"), "floor2/door=" + server.url("/b"), server.url("/c")});
    ASSERT_TRUE(proxy.wait_announced(3));
    const std::vector<std::pair<std::string, std::string>> mounts{
        {"/a", "proxyStream-1"}, {"/b", "floor2/door"}, {"/c", "proxyStream-3"}};
    std::string expected;
    for (const auto& [path, mount] : mounts)
        expected += "Play \"" + server.url(path) + "\" at: " + proxy.url(mount) + "\n";
    EXPECT_EQ(proxy.process().out(), expected);
    for (const auto& [path, mount] : mounts) {
        ASSERT_TRUE(proxy.wait_ready(mount)) << mount;
        RtspPlayer player(proxy.url(mount));
        ASSERT_TRUE(player.play().has_value()) << mount;
        ASSERT_TRUE(player.wait_packets(30)) << mount;
        const auto difference = find_difference(server.sent(path), player.packets());
        EXPECT_FALSE(difference) << mount << ": " << *difference;
    }
    EXPECT_EQ(rtsp_request("DESCRIBE", proxy.url("proxyStream")).value().status, 404);
}

TEST_F(CommandLine, PrintsLaunchLinesAndEnds) {
    TestServer server;
    const auto finished =
        run_proxy({"--print-launch", "-t", "cam=" + server.url("/live", "jane:hunter2@"),
                   "rtsp://127.0.0.1:1/second"});
    EXPECT_EQ(finished.exit_code, 0);
    EXPECT_NE(finished.out.find("rtspsrc"), std::string::npos) << finished.out;
    EXPECT_NE(finished.out.find("127.0.0.1:1/second"), std::string::npos) << finished.out;
    for (const auto& line : split_lines(finished.out)) {
        GError* error = nullptr;
        const auto element =
            Ref<GstElement>::sink(gst_parse_launch(line.substr(line.find('(')).c_str(), &error));
        EXPECT_EQ(error, nullptr) << error->message << " in: " << line;
        g_clear_error(&error);
    }
    EXPECT_EQ((finished.out + finished.err).find("hunter2"), std::string::npos);
    EXPECT_EQ(server.counts().clients_ever, 0);
}

class Ending : public WatchedTest, public ::testing::WithParamInterface<int> {};

TEST_P(Ending, WhileClientsWatch) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer tcp(proxy.url(), PlayerTransport::Tcp);
    RtspPlayer udp(proxy.url(), PlayerTransport::Udp);
    ASSERT_TRUE(tcp.play().has_value());
    ASSERT_TRUE(udp.play().has_value());
    ASSERT_TRUE(tcp.wait_packets(20));
    ASSERT_TRUE(udp.wait_packets(20));
    EXPECT_EQ(proxy.end(GetParam()), 0);
    EXPECT_TRUE(eventually([&] { return !tcp.connected() && !udp.connected(); }));
    EXPECT_TRUE(eventually([&] { return server.sessions_now() == 0; }));
    EXPECT_EQ(server.count("TEARDOWN"), 1);
}

TEST_P(Ending, BeforeAnythingIsKnown) {
    Proxy proxy({"rtsp://127.0.0.1:" + std::to_string(free_port()) + "/live"});
    ASSERT_TRUE(proxy.wait_announced());
    EXPECT_EQ(proxy.end(GetParam()), 0);
}

INSTANTIATE_TEST_SUITE_P(, Ending, ::testing::Values(SIGTERM, SIGINT), [](const auto& test) {
    return test.param == SIGTERM ? "Sigterm" : "Sigint";
});

class Demo : public WatchedTest {};

TEST_F(Demo, ShowsAMovingPictureWithSound) {
    Proxy proxy({"--demo"});
    ASSERT_TRUE(proxy.wait_ready());
    const auto streams = ffprobe_streams(proxy.url(), "tcp");
    ASSERT_TRUE(streams) << streams.error().message;
    ASSERT_EQ(streams->size(), 2U);
    std::map<std::string, std::string> codecs;
    for (auto stream : *streams)
        codecs[stream["codec_type"]] = stream["codec_name"];
    EXPECT_EQ(codecs["video"], "h264");
    EXPECT_NE(codecs["audio"], "");
    const auto frames = decode_frames(proxy.url(), "udp", "0:v:0", 25);
    ASSERT_TRUE(frames) << frames.error().message;
    EXPECT_GT(std::set<std::string>(frames->begin(), frames->end()).size(), 10U) << "not moving";
}

} // namespace
} // namespace rtspproxy::tests
