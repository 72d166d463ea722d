#include "app/settings/backend_url.hpp"

#include "plugins/support/deleter.hpp"

#include <gst/rtsp/rtsp.h>
#include <gtest/gtest.h>

#include <vector>

namespace rtspproxy::settings {
namespace {

struct Good {
    const char* text;
    const char* url;
    std::optional<std::string> user = std::nullopt;
    std::optional<std::string> password = std::nullopt;
    Transport transport = Transport::Automatic;
    bool tls = false;
    std::uint16_t port = 0;
};

const auto none = std::nullopt;

const std::vector<Good> kGood = {
    // hosts, ports, paths and queries come through as they are
    {"rtsp://host", "rtsp://host"},
    {"rtsp://host/", "rtsp://host/"},
    {"rtsp://host/a/b%20c?x=1&y=@z#f", "rtsp://host/a/b%20c?x=1&y=@z#f"},
    {"rtsp://host?x=1", "rtsp://host?x=1"},
    {"rtsp://my_cam-1.example.org./x", "rtsp://my_cam-1.example.org./x"},
    {"rtsp://192.0.2.1/x", "rtsp://192.0.2.1/x"},
    {"rtsp://host:/x", "rtsp://host:/x"},
    {"rtsp://host:1/x", "rtsp://host:1/x", none, none, Transport::Automatic, false, 1},
    {"rtsp://host:65535", "rtsp://host:65535", none, none, Transport::Automatic, false, 65535},
    {"rtsp://[::1]/x", "rtsp://[::1]/x"},
    {"rtsp://[2001:db8::2]:8554/x", "rtsp://[2001:db8::2]:8554/x", none, none, Transport::Automatic,
     false, 8554},
    {"rtsp://[fe80::1%25eth0]/x", "rtsp://[fe80::1%eth0]/x"},
    {"rtsp://[fe80::1%eth0]/x", "rtsp://[fe80::1%eth0]/x"},
    {"rtsp://host/user=a_password=b_channel=1", "rtsp://host/user=a_password=b_channel=1"},
    {"rtsp://host/media@1", "rtsp://host/media@1"},
    // schemes
    {"RTSP://Host/Path", "rtsp://Host/Path"},
    {"rtspu://host", "rtspu://host", none, none, Transport::Udp},
    {"rtspt://host", "rtspt://host", none, none, Transport::Tcp},
    {"rtsph://host:80", "rtsph://host:80", none, none, Transport::HttpTunnel, false, 80},
    {"rtsps://host", "rtsps://host", none, none, Transport::Automatic, true},
    {"rtspsu://host", "rtspsu://host", none, none, Transport::Udp, true},
    {"rtspst://host", "rtspst://host", none, none, Transport::Tcp, true},
    {"rtspsh://host", "rtspsh://host", none, none, Transport::HttpTunnel, true},
    // credentials
    {"rtsp://user:password@host/x", "rtsp://host/x", "user", "password"},
    {"rtsp://user@host/x", "rtsp://host/x", "user", none},
    {"rtsp://user:@host/x", "rtsp://host/x", "user", ""},
    {"rtsp://us%65r:a%40b%3Ac%2Fd%3Fe%23f%25@host/x", "rtsp://host/x", "user", "a@b:c/d?e#f%"},
    {"rtsp://a%3Ab%40c:d@host/x", "rtsp://host/x", "a:b@c", "d"},
    {"rtsp://user:a@b:c@host:9/x@y", "rtsp://host:9/x@y", "user", "a@b:c", Transport::Automatic,
     false, 9},
    {"rtsp://user:50%@host", "rtsp://host", "user", "50%"},
    {"rtsp://user:%C3%A9+=&!@host", "rtsp://host", "user", "\xc3\xa9+=&!"},
    {"rtsps://user:password@[::1]:322/x", "rtsps://[::1]:322/x", "user", "password",
     Transport::Automatic, true, 322},
};

TEST(BackendUrl, TakesGoodUrlsApart) {
    for (const auto& expected : kGood) {
        SCOPED_TRACE(expected.text);
        const auto url = parse_backend_url(expected.text);
        ASSERT_TRUE(url) << url.error().message;
        EXPECT_EQ(url->url, expected.url);
        EXPECT_EQ(url->user, expected.user);
        EXPECT_EQ(url->password, expected.password);
        EXPECT_EQ(url->transport, expected.transport);
        EXPECT_EQ(url->tls, expected.tls);
        EXPECT_EQ(url->port, expected.port);
    }
}

// What is handed to rtspsrc must mean the same to it.
TEST(BackendUrl, GStreamerAgrees) {
    for (const auto& good : kGood) {
        SCOPED_TRACE(good.text);
        const auto url = parse_backend_url(good.text);
        ASSERT_TRUE(url);
        GstRTSPUrl* raw = nullptr;
        ASSERT_EQ(gst_rtsp_url_parse(url->url.c_str(), &raw), GST_RTSP_OK);
        const RtspUrlPtr parsed(raw);
        EXPECT_EQ(parsed->user, nullptr);
        EXPECT_EQ(parsed->passwd, nullptr);
        EXPECT_EQ(parsed->port, url->port);
        EXPECT_EQ((parsed->transports & GST_RTSP_LOWER_TRANS_TLS) != 0, url->tls);
        EXPECT_EQ((parsed->transports & GST_RTSP_LOWER_TRANS_HTTP) != 0,
                  url->transport == Transport::HttpTunnel);
        EXPECT_EQ((parsed->transports & GST_RTSP_LOWER_TRANS_UDP) == 0,
                  url->transport == Transport::Tcp || url->transport == Transport::HttpTunnel);
        const auto family =
            url->url.find("://[") == std::string::npos ? GST_RTSP_FAM_INET : GST_RTSP_FAM_INET6;
        EXPECT_EQ(parsed->family, family);
    }
}

TEST(BackendUrl, RefusesBadUrls) {
    const std::vector<std::pair<std::string, std::string>> bad = {
        {"", "not an RTSP URL"},
        {"host/path", "not an RTSP URL"},
        {"rtsp:/host", "not an RTSP URL"},
        {"rtsp:host", "not an RTSP URL"},
        {"http://host/", "scheme"},
        {"rt://host/", "scheme"}, // a prefix, which gst_rtsp_url_parse takes for rtsp
        {"rtspx://host/", "scheme"},
        {"file:///dev/video0", "scheme"},
        {"rtsp://", "host"},
        {"rtsp:///path", "host"},
        {"rtsp://:554/path", "host"},
        {"rtsp://user:secret@/path", "host"},
        {"rtsp://user:secret@:554/path", "host"},
        {"rtsp://ho%20st/", "host"},
        {"rtsp://ho*st/", "host"},
        {"rtsp://[::1/path", "host"},
        {"rtsp://[zz::1]/path", "host"},
        {"rtsp://[]/path", "host"},
        {"rtsp://::1/path", "port"},
        {"rtsp://host:0/path", "port"},
        {"rtsp://host:65536/path", "port"},
        {"rtsp://host:-1/path", "port"},
        {"rtsp://host:port/path", "port"},
        {"rtsp://host:55 4/path", "space"},
        {"rtsp://host/pa th", "space"},
        {" rtsp://host/", "space"},
        {"rtsp://host/\n", "control"},
        {std::string("rtsp://host/\0x", 14), "control"},
        {"rtsp://host#fragment", "%23"},
        {"rtsp://@host/", "user name"},
        {"rtsp://:secret@host/", "user name"},
        {"rtsp://user:%ff@host/", "UTF-8"},
        {"rtsp://us%00er:secret@host/", "UTF-8"},
        {"rtsp://user:secret/word@host/", "%2F"},
        {"rtsp://user:secret?word@host/", "%3F"},
        {"rtsp://user:secret#word@host/", "%23"},
    };
    for (const auto& [text, reason] : bad) {
        SCOPED_TRACE(text);
        const auto url = parse_backend_url(text);
        ASSERT_FALSE(url) << url->url;
        EXPECT_NE(url.error().message.find(reason), std::string::npos) << url.error().message;
        EXPECT_EQ(url.error().message.find("secret"), std::string::npos) << url.error().message;
        EXPECT_EQ(url.error().message.find("word@"), std::string::npos) << url.error().message;
    }
}

} // namespace
} // namespace rtspproxy::settings
