// bench-plain-server: the server that anybody builds first with GStreamer, to compare with: one
// shared media a URL, "rtspsrc ! rtph264depay ! rtph264pay".
#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <CLI/CLI.hpp>
#include <glib-unix.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <cstdio>
#include <string>
#include <vector>

namespace rtspproxy {
template <>
struct RefTraits<GstRTSPServer> : GObjectRefTraits<GstRTSPServer> {};
template <>
struct RefTraits<GstRTSPMountPoints> : GObjectRefTraits<GstRTSPMountPoints> {};

namespace bench {
namespace {

struct PlainOptions {
    std::string port = "0";
    bool tcp = false;
    std::vector<std::string> urls;
};

std::string launch_line(const std::string& url, bool tcp) {
    return "( rtspsrc location=" + url + " protocols=" + (tcp ? "tcp" : "udp") +
           " latency=0 ! rtph264depay ! rtph264pay name=pay0 config-interval=-1 )";
}

gboolean quit(gpointer loop) {
    g_main_loop_quit(static_cast<GMainLoop*>(loop));
    return G_SOURCE_REMOVE;
}

int serve(const PlainOptions& options) {
    const auto loop = Ref<GMainLoop>::adopt(g_main_loop_new(nullptr, FALSE));
    const auto server = Ref<GstRTSPServer>::adopt(gst_rtsp_server_new());
    gst_rtsp_server_set_address(server.get(), "127.0.0.1");
    gst_rtsp_server_set_service(server.get(), options.port.c_str());
    // The default of 5 drops connections of a swarm.
    gst_rtsp_server_set_backlog(server.get(), 1024);
    const auto mounts =
        Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(server.get()));
    int number = 0;
    for (const std::string& url : options.urls) {
        GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
        gst_rtsp_media_factory_set_launch(factory, launch_line(url, options.tcp).c_str());
        gst_rtsp_media_factory_set_shared(factory, TRUE);
        const std::string path = "/stream" + std::to_string(++number);
        gst_rtsp_mount_points_add_factory(mounts.get(), path.c_str(), factory);
    }
    if (gst_rtsp_server_attach(server.get(), nullptr) == 0) {
        std::fprintf(stderr, "bench-plain-server: cannot listen on port %s\n",
                     options.port.c_str());
        return 1;
    }
    g_unix_signal_add(SIGTERM, quit, loop.get());
    g_unix_signal_add(SIGINT, quit, loop.get());
    std::printf("listening %d\n", gst_rtsp_server_get_bound_port(server.get()));
    std::fflush(stdout);
    g_main_loop_run(loop.get());
    return 0;
}

} // namespace
} // namespace bench
} // namespace rtspproxy

int main(int argc, char** argv) {
    rtspproxy::bench::PlainOptions options;
    CLI::App app("Serves cameras at rtsp://127.0.0.1:PORT/stream1 … /streamN",
                 "bench-plain-server");
    app.add_option("-p,--port", options.port, "TCP port; 0 is any free one");
    app.add_flag("-t,--tcp", options.tcp, "Cameras send over TCP instead of UDP");
    app.add_option("URL", options.urls, "Cameras (H.264)")->required();
    CLI11_PARSE(app, argc, argv)
    gst_init(nullptr, nullptr);
    return rtspproxy::bench::serve(options);
}
