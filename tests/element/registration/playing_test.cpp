// A real GstRTSPServer behind the element, and real players in front of it.
#include "tests/element/registration/door_fixture.hpp"
#include "tests/support/gst_player.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"

#include <gst/rtsp-server/rtsp-server.h>
#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class PlayingTest : public DoorTest {
  protected:
    // The server's clients run in threads of its own pool; nothing needs a main loop.
    PlayingTest() : server_(gst_rtsp_server_new()) {
        const std::unique_ptr<GstRTSPMountPoints, Deleter<g_object_unref>> mounts(
            gst_rtsp_server_get_mount_points(server_.get()));
        GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
        gst_rtsp_media_factory_set_launch(factory, launch_line(pcmu_track(0)).c_str());
        gst_rtsp_media_factory_set_shared(factory, TRUE);
        gst_rtsp_mount_points_add_factory(mounts.get(), "/stream", factory);
        handler_ = SignalConnection(element_.get(), "connection", G_CALLBACK(hand_over), this);
        handle_registrations();
        EXPECT_TRUE(open());
    }
    ~PlayingTest() override {
        close();
        gst_rtsp_server_client_filter(
            server_.get(),
            [](GstRTSPServer*, GstRTSPClient*, gpointer) { return GST_RTSP_FILTER_REMOVE; },
            nullptr);
    }
    static gboolean hand_over(GstElement*, GSocket* socket, const char* initial,
                              const char* address, guint port, PlayingTest* test) {
        return gst_rtsp_server_transfer_connection(test->server_.get(),
                                                   Ref<GSocket>::share(socket).release(), address,
                                                   static_cast<gint>(port), initial);
    }
    std::string url() const {
        return "rtsp://127.0.0.1:" + std::to_string(bound_port()) + "/stream";
    }

    std::unique_ptr<GstRTSPServer, Deleter<g_object_unref>> server_;
    SignalConnection handler_;
};

TEST_F(PlayingTest, OverTcpAndUdp) {
    // One after the other: gst-rtsp-server 1.22 may abort when a UDP client joins a media that
    // plays over TCP (create_and_plug_queue_to_linked_stream_probe_cb: its idle probe runs twice).
    for (const auto transport : {PlayerTransport::Tcp, PlayerTransport::Udp}) {
        RtspPlayer player(url(), transport);
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        EXPECT_TRUE(player.wait_packets(10));
        EXPECT_TRUE(player.teardown());
    }
    EXPECT_TRUE(eventually([this] { return counted("passed") == 2; }));
}

TEST_F(PlayingTest, OverHttp) {
    GstPlayer player(url(), "http");
    EXPECT_TRUE(player.wait_packets(10)) << player.error().value_or("");
    EXPECT_TRUE(eventually([this] { return counted("passed") >= 2; })); // a GET and a POST
}

TEST_F(PlayingTest, AfterARegisterOnTheSameConnection) {
    Peer peer(bound_port());
    peer.send(register_request("rtsp://camera/x", "proxy_url_suffix=a") + "DESCRIBE " + url() +
              " RTSP/1.0\r\nCSeq: 3\r\n\r\n");
    EXPECT_EQ(peer.status(), 200U);
    const std::string described = peer.response();
    EXPECT_TRUE(described.starts_with("RTSP/1.0 200 OK")) << described;
    EXPECT_EQ(header_of(described, "CSeq"), "3");
}

TEST_F(PlayingTest, RequestsThatComeInPieces) {
    Peer peer(bound_port());
    peer.send_slowly("DESCRIBE " + url() + " RTSP/1.0\r\nCSeq: 3\r\n\r\n");
    EXPECT_EQ(peer.status(), 200U);
}

} // namespace
} // namespace rtspproxy::tests
