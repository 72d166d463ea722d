// The lines of pipelines/ that need neither a screen nor a server do relay a real server's packets.
#include "plugins/register.hpp"
#include "plugins/support/deleter.hpp"
#include "tests/element/pipelines/launch_file.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/gst_player.hpp"
#include "tests/support/material.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

struct Case {
    const char* file;
    const char* relay;     // the element whose packets are looked at
    const char* scheme;    // of the location
    const char* transport; // that the server shall see
};

void PrintTo(const Case& each, std::ostream* stream) {
    *stream << each.file << "_" << each.relay;
}

class LaunchFileFlow : public WatchedTest, public testing::WithParamInterface<Case> {
  protected:
    LaunchFileFlow() {
        register_elements(nullptr);
        server_.mount("/camera", launch_line(h264_track(0), opus_track(1)));
    }
    TestServer server_;
};

std::string first_error(GstElement* pipeline) {
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    if (!message)
        return {};
    GError* raw_error = nullptr;
    gst_message_parse_error(message.get(), &raw_error, nullptr);
    const GErrorPtr error(raw_error);
    return error->message;
}

TEST_P(LaunchFileFlow, Relays) {
    const auto parsed = parse_pipeline(read_launch_file(GetParam().file).description);
    ASSERT_TRUE(parsed) << parsed.error().message;
    GstElement* pipeline = parsed->get();
    const std::string url = GetParam().scheme + server_.url("/camera").substr(sizeof("rtsp") - 1);
    g_object_set(find_by_factory(pipeline, "rtspsrc").get(), "location", url.c_str(), nullptr);
    // Where transcode sends to must not disturb others on this machine.
    const auto nobody = bind_udp("127.0.0.1", 0);
    ASSERT_TRUE(nobody);
    if (const auto sink = find_by_factory(pipeline, "udpsink"))
        g_object_set(sink.get(), "port", gint{local_port(*nobody)}, nullptr);

    const auto log = std::make_shared<PacketLog>();
    const auto relay =
        Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), GetParam().relay));
    ASSERT_TRUE(relay);
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(relay.get(), "src"));
    log_packets(pad.get(), log);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    EXPECT_TRUE(eventually([&log] { return log->count() >= 20; })) << first_error(pipeline);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    EXPECT_THAT(server_.counts().transports,
                testing::AllOf(testing::Not(testing::IsEmpty()),
                               testing::Each(std::string(GetParam().transport))));
}

INSTANTIATE_TEST_SUITE_P(Pipelines, LaunchFileFlow,
                         testing::Values(Case{"udp", "relay", "rtsp", "UDP"},
                                         Case{"tcp", "relay", "rtsp", "TCP"},
                                         Case{"http-tunnel", "relay", "rtsph", "HTTP"},
                                         Case{"jitter-buffer", "relay", "rtsp", "UDP"},
                                         Case{"transcode", "pay0", "rtsp", "UDP"},
                                         Case{"mount-relay", "pay0", "rtsp", "TCP"},
                                         Case{"mount-relay", "pay1", "rtsp", "TCP"}),
                         [](const auto& each) {
                             return test_name(std::string(each.param.file) + "_" +
                                              each.param.relay);
                         });

} // namespace
} // namespace rtspproxy::tests
