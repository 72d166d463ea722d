#include "app/backend/response_hook.hpp"

#include <gst/gst.h>
#include <gst/rtsp/gstrtspextension.h>

namespace rtspproxy::backend {
namespace {

thread_local ResponseHook::Listener* current_listener = nullptr;

GstRTSPResult after_send(GstRTSPExtension*, GstRTSPMessage* request,
                         GstRTSPMessage* response) noexcept {
    if (current_listener != nullptr && request != nullptr && response != nullptr)
        current_listener->on_response(*request, *response);
    return GST_RTSP_OK;
}

} // namespace

struct RtspResponseHook {
    GstElement parent;
};
struct RtspResponseHookClass {
    GstElementClass parent_class;
};

static void implement_extension(gpointer interface, gpointer) {
    static_cast<GstRTSPExtensionInterface*>(interface)->after_send = after_send;
}

G_DEFINE_TYPE_WITH_CODE(RtspResponseHook, rtsp_response_hook, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_RTSP_EXTENSION, implement_extension))

static void rtsp_response_hook_class_init(RtspResponseHookClass* klass) {
    gst_element_class_set_static_metadata(
        GST_ELEMENT_CLASS(klass), "RTSP response hook", "Network/Extension/Protocol",
        "Shows the responses that rtspsrc gets", "gst-rtsp-proxy");
}
static void rtsp_response_hook_init(RtspResponseHook*) {}

void ResponseHook::install() {
    gst_element_register(nullptr, "rtspproxyresponsehook", GST_RANK_MARGINAL,
                         rtsp_response_hook_get_type());
}

void ResponseHook::listen_in_this_thread(Listener* listener) {
    current_listener = listener;
}

} // namespace rtspproxy::backend
