#include "app/backend/rtsp_listener.hpp"

#include <gst/gst.h>
#include <gst/rtsp/gstrtspextension.h>

namespace rtspproxy::backend {
namespace {

thread_local RtspListener* current = nullptr;

GstRTSPResult after_send(GstRTSPExtension*, GstRTSPMessage* request,
                         GstRTSPMessage* answer) noexcept {
    if (current != nullptr && request != nullptr && answer != nullptr)
        current->on_answer(*request, *answer);
    return GST_RTSP_OK;
}

} // namespace

struct RtspListenerElement {
    GstElement parent;
};
struct RtspListenerElementClass {
    GstElementClass parent_class;
};

static void implement_extension(gpointer interface, gpointer) {
    static_cast<GstRTSPExtensionInterface*>(interface)->after_send = after_send;
}

G_DEFINE_TYPE_WITH_CODE(RtspListenerElement, rtsp_listener_element, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_RTSP_EXTENSION, implement_extension))

static void rtsp_listener_element_class_init(RtspListenerElementClass* klass) {
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "RTSP listener",
                                          "Network/Extension/Protocol",
                                          "Hears the answers that rtspsrc gets", "gst-rtsp-proxy");
}
static void rtsp_listener_element_init(RtspListenerElement*) {}

void RtspListener::install() {
    gst_element_register(nullptr, "rtspproxylistener", GST_RANK_MARGINAL,
                         rtsp_listener_element_get_type());
}

void RtspListener::set_for_this_thread(RtspListener* listener) {
    current = listener;
}

} // namespace rtspproxy::backend
