#include "app/demo/demo_camera.hpp"

#include "plugins/support/deleter.hpp"

#include <array>
#include <utility>

namespace rtspproxy::demo {
namespace {

// As a camera would send it: no B-frames, a key frame every two seconds.
constexpr const char* kLaunchLine =
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=25/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max=50 "
    "! video/x-h264,profile=baseline ! rtph264pay name=pay0 config-interval=-1 "
    "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=1 ! audioconvert "
    "! opusenc ! rtpopuspay name=pay1 )";

struct Requirement {
    const char* element;
    const char* package;
};
constexpr std::array kRequirements{Requirement{"x264enc", "gstreamer1.0-plugins-ugly"},
                                   Requirement{"opusenc", "gstreamer1.0-plugins-base"},
                                   Requirement{"rtph264pay", "gstreamer1.0-plugins-good"}};

} // namespace

Result<std::unique_ptr<DemoCamera>> DemoCamera::create() {
    for (const Requirement& requirement : kRequirements)
        if (const auto factory = Ref<GstObject>::adopt(
                GST_OBJECT_CAST(gst_element_factory_find(requirement.element)));
            !factory)
            return failure(std::string("--demo needs the GStreamer element ") +
                           requirement.element + "; install " + requirement.package);
    auto server = Ref<GstRTSPServer>::adopt(gst_rtsp_server_new());
    gst_rtsp_server_set_address(server.get(), "127.0.0.1");
    gst_rtsp_server_set_service(server.get(), "0");
    // Its client lives in the main context, so that it can be closed from there.
    const auto threads =
        Ref<GstRTSPThreadPool>::adopt(gst_rtsp_server_get_thread_pool(server.get()));
    gst_rtsp_thread_pool_set_max_threads(threads.get(), 0);
    auto factory = Ref<GstRTSPMediaFactory>::adopt(gst_rtsp_media_factory_new());
    gst_rtsp_media_factory_set_launch(factory.get(), kLaunchLine);
    gst_rtsp_media_factory_set_shared(factory.get(), TRUE);
    const auto mounts =
        Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(server.get()));
    gst_rtsp_mount_points_add_factory(mounts.get(), "/camera", factory.release());

    GError* raw_error = nullptr;
    GSource* source = gst_rtsp_server_create_source(server.get(), nullptr, &raw_error);
    const GErrorPtr error(raw_error);
    if (source == nullptr)
        return failure(std::string("--demo: the embedded camera cannot listen: ") + error->message);
    const guint id = g_source_attach(source, nullptr);
    g_source_unref(source);
    return std::unique_ptr<DemoCamera>(new DemoCamera(std::move(server), id));
}

DemoCamera::DemoCamera(Ref<GstRTSPServer> server, guint source)
    : server_(std::move(server)), source_(source),
      url_("rtsp://127.0.0.1:" + std::to_string(gst_rtsp_server_get_bound_port(server_.get())) +
           "/camera") {}

DemoCamera::~DemoCamera() {
    g_source_remove(source_);
    const auto drop = [](GstRTSPServer*, GstRTSPClient*, gpointer) noexcept {
        return GST_RTSP_FILTER_REMOVE;
    };
    g_list_free_full(gst_rtsp_server_client_filter(server_.get(), drop, nullptr), g_object_unref);
}

} // namespace rtspproxy::demo
