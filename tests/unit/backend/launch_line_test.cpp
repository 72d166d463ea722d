#include "app/backend/launch_line.hpp"
#include "app/settings/backend_url.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::tests {
namespace {

using settings::Transport;

settings::BackendSettings camera(const std::string& url) {
    settings::BackendSettings settings;
    settings.url = url;
    return settings;
}
// The value of `location`, quotes and all.
std::string location(const std::string& url, Transport transport = Transport::Tcp,
                     std::uint16_t http_port = 0) {
    auto settings = camera(url);
    settings.http_port = http_port;
    const std::string line = launch_line(settings, transport);
    const std::string key = " location=";
    const auto begin = line.find(key) + key.size();
    return line.substr(begin, line.find(" protocols=") - begin);
}
std::string tunnel(const std::string& url, std::uint16_t port) {
    return location(url, Transport::HttpTunnel, port);
}

TEST(LaunchLine, OfUdp) {
    EXPECT_EQ(launch_line(camera("rtsp://camera:8554/live?x=1"), Transport::Udp),
              "rtspsrc name=backend location=\"rtsp://camera:8554/live?x=1\" "
              "protocols=udp+udp-mcast latency=20 timeout=0 tcp-timeout=20000000 "
              "udp-reconnect=false do-retransmission=false");
}

TEST(LaunchLine, OfTcp) {
    EXPECT_EQ(launch_line(camera("rtsp://camera/live"), Transport::Tcp),
              "rtspsrc name=backend location=\"rtsp://camera/live\" "
              "protocols=tcp latency=0 timeout=0 tcp-timeout=20000000 "
              "udp-reconnect=false do-retransmission=false");
}

TEST(LaunchLine, OnlyUdpHasALatency) {
    auto settings = camera("rtsp://camera/live");
    settings.latency = std::chrono::milliseconds(150);
    EXPECT_NE(launch_line(settings, Transport::Udp).find(" latency=150 "), std::string::npos);
    for (const Transport transport : {Transport::Tcp, Transport::HttpTunnel})
        EXPECT_NE(launch_line(settings, transport).find(" latency=0 "), std::string::npos);
}

TEST(LaunchLine, HoldsNoCredentials) {
    auto settings = camera("rtsp://camera/live");
    settings.credentials = {"admin", "hunter2"};
    for (const Transport transport : {Transport::Udp, Transport::Tcp, Transport::HttpTunnel}) {
        const std::string line = launch_line(settings, transport);
        EXPECT_EQ(line.find("admin"), std::string::npos);
        EXPECT_EQ(line.find("hunter2"), std::string::npos);
    }
}

TEST(LaunchLine, QuotesTheUrl) {
    EXPECT_EQ(location("rtsp://camera/a b"), R"("rtsp://camera/a b")");
    EXPECT_EQ(location(R"(rtsp://camera/"x" ! filesink)"), R"("rtsp://camera/\"x\" ! filesink")");
    EXPECT_EQ(location(R"(rtsp://camera/a\b)"), R"("rtsp://camera/a\\b")");
    EXPECT_EQ(location(R"(rtsp://camera/\)"), R"("rtsp://camera/\\")");
}

TEST(LaunchLine, ATunnelIsMadeByTheScheme) {
    EXPECT_EQ(tunnel("rtsp://camera/live", 80), R"("rtsph://camera:80/live")");
    EXPECT_EQ(tunnel("rtsph://camera/live", 8080), R"("rtsph://camera:8080/live")");
    EXPECT_EQ(tunnel("rtspt://camera/live", 8080), R"("rtsph://camera:8080/live")");
    EXPECT_EQ(tunnel("rtsp://camera", 80), R"("rtsph://camera:80")");
}

TEST(LaunchLine, ATunnelsPortReplacesThatOfTheUrl) {
    EXPECT_EQ(tunnel("rtsp://camera:554/live", 8000), R"("rtsph://camera:8000/live")");
    EXPECT_EQ(tunnel("rtsph://192.0.2.1:9/a/b?c=d", 8000), R"("rtsph://192.0.2.1:8000/a/b?c=d")");
}

TEST(LaunchLine, ATunnelOfTlsStaysOfTls) {
    EXPECT_EQ(tunnel("rtsps://camera/live", 443), R"("rtspsh://camera:443/live")");
    EXPECT_EQ(tunnel("rtspsh://camera:322/live", 8443), R"("rtspsh://camera:8443/live")");
    EXPECT_EQ(tunnel("rtspst://camera/live", 443), R"("rtspsh://camera:443/live")");
}

TEST(LaunchLine, ATunnelToAnIpv6Address) {
    EXPECT_EQ(tunnel("rtsp://[2001:db8::1]/live", 80), R"("rtsph://[2001:db8::1]:80/live")");
    EXPECT_EQ(tunnel("rtsp://[2001:db8::1]:554/live", 80), R"("rtsph://[2001:db8::1]:80/live")");
    EXPECT_EQ(tunnel("rtsp://[fe80::1%eth0]:554", 80), R"("rtsph://[fe80::1%eth0]:80")");
}

// What stands behind the host is left alone, colons, brackets and all.
TEST(LaunchLine, ATunnelKeepsPathAndQuery) {
    EXPECT_EQ(tunnel("rtsp://camera/a:1/[b]?c=rtsp://d:2/", 80),
              R"("rtsph://camera:80/a:1/[b]?c=rtsp://d:2/")");
    EXPECT_EQ(tunnel("rtsp://camera?stream=1", 80), R"("rtsph://camera:80?stream=1")");
    EXPECT_EQ(tunnel("rtsp://camera:554?at=12:30", 80), R"("rtsph://camera:80?at=12:30")");
}

TEST(LaunchLine, WithoutAPortATunnelIsTheUrls) {
    EXPECT_EQ(tunnel("rtsph://camera:8080/live", 0), R"("rtsph://camera:8080/live")");
}

TEST(LaunchLine, OtherTransportsKeepTheUrl) {
    for (const Transport transport : {Transport::Udp, Transport::Tcp})
        EXPECT_EQ(location("rtsp://camera:554/live", transport, 80), R"("rtsp://camera:554/live")");
}

// A URL that has passed the check of the command line comes out as it is, or with its tunnel.
TEST(LaunchLine, OfEveryUrlThatIsAccepted) {
    for (const char* url : {"rtsp://camera", "rtsp://camera?x", "rtsp://camera:1?x", "rtsp://[::1]",
                            "rtsp://[::1]:2", "rtsp://[::1]?x=[y]:3"}) {
        const auto parsed = settings::parse_backend_url(url);
        if (!parsed)
            continue;
        auto back = settings::parse_backend_url(
            tunnel(parsed->url, 8080).substr(1, tunnel(parsed->url, 8080).size() - 2));
        ASSERT_TRUE(back) << url;
        EXPECT_EQ(back->port, 8080) << url;
        EXPECT_EQ(back->transport, Transport::HttpTunnel) << url;
    }
}

TEST(Protocols, AreRtspsrcs) {
    EXPECT_STREQ(protocols_of(Transport::Udp), "udp+udp-mcast");
    EXPECT_STREQ(protocols_of(Transport::Tcp), "tcp");
    EXPECT_STREQ(protocols_of(Transport::HttpTunnel), "tcp");
}

} // namespace
} // namespace rtspproxy::backend::tests
