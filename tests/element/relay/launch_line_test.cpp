// The launch line of a mount, read by GStreamer's own parser.
#include "app/backend/launch_line.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

using settings::Transport;

struct Parsed {
    std::string location;
    std::string protocols;
    unsigned latency = 0;
};

Parsed parse(const std::string& url, Transport transport, std::uint16_t http_port = 0) {
    settings::BackendSettings settings;
    settings.url = url;
    settings.http_port = http_port;
    // As the media factory does it: in a bin.
    const std::string line = "( " + backend::launch_line(settings, transport) + " )";
    GError* raw = nullptr;
    const auto bin = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), &raw));
    const GErrorPtr error(raw);
    EXPECT_FALSE(error) << line << ": " << (error ? error->message : "");
    if (!bin || !GST_IS_BIN(bin.get()))
        return {};
    const auto source = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin.get()), "backend"));
    if (!source)
        return {};
    Parsed parsed;
    char* location = nullptr;
    gint protocols = 0;
    g_object_get(source.get(), "location", &location, "protocols", &protocols, "latency",
                 &parsed.latency, nullptr);
    parsed.location = GCharPtr(location).get();
    const GCharPtr names(g_flags_to_string(G_PARAM_SPEC_VALUE_TYPE(g_object_class_find_property(
                                               G_OBJECT_GET_CLASS(source.get()), "protocols")),
                                           static_cast<guint>(protocols)));
    parsed.protocols = names.get();
    return parsed;
}

TEST(LaunchLineParsed, SetsTransportAndLatency) {
    const auto udp = parse("rtsp://camera/live", Transport::Udp);
    EXPECT_EQ(udp.protocols, "GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_UDP_MCAST");
    EXPECT_EQ(udp.latency, 20U);
    const auto tcp = parse("rtsp://camera/live", Transport::Tcp);
    EXPECT_EQ(tcp.protocols, "GST_RTSP_LOWER_TRANS_TCP");
    EXPECT_EQ(tcp.latency, 0U);
    EXPECT_EQ(parse("rtsp://camera/live", Transport::HttpTunnel, 80).location,
              "rtsph://camera:80/live");
}

// No character of a URL ends its quotes, or begins another element.
TEST(LaunchLineParsed, KeepsEveryUrl) {
    for (const std::string url :
         {"rtsp://camera/live?a=b&c=d", "rtsp://camera/a b", R"(rtsp://camera/"quoted")",
          R"(rtsp://camera/back\slash)", R"(rtsp://camera/\)", R"(rtsp://camera/\"x)",
          "rtsp://camera/a ! filesink location=x", "rtsp://camera/'x'", "rtsp://camera/(a)",
          "rtsp://camera/#x", "rtsp://camera/a%20b%22", "rtsp://[::1]:8554/x",
          "rtsp://camera/\xc3\xbc", "rtsp://camera/$HOME"}) {
        EXPECT_EQ(parse(url, Transport::Tcp).location, url);
    }
}

} // namespace
} // namespace rtspproxy::tests
