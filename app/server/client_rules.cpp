#include "app/server/client_rules.hpp"

#include "app/server/relay_factory.hpp"
#include "app/server/relay_media.hpp"
#include "plugins/support/main_loop.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <memory>
#include <string>

namespace rtspproxy::server {
namespace {

GQuark described_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-described");
    return quark;
}

GQuark played_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-played");
    return quark;
}

// The back end of the mount that a request is about.
std::shared_ptr<backend::Backend> backend_for(GstRTSPClient* client,
                                              const GstRTSPContext* context) {
    if (context->uri == nullptr)
        return nullptr;
    const auto mounts = Ref<GstRTSPMountPoints>::adopt(gst_rtsp_client_get_mount_points(client));
    gint matched = 0;
    const auto factory = Ref<GstRTSPMediaFactory>::adopt(
        gst_rtsp_mount_points_match(mounts.get(), context->uri->abspath, &matched));
    return factory ? backend_of_factory(factory.get()) : nullptr;
}

GstRTSPStatusCode before_describe_or_setup(GstRTSPClient* client, GstRTSPContext* context,
                                           gpointer) noexcept {
    const auto backend = backend_for(client, context);
    // An unknown mount is answered 404 by the server itself.
    return backend && !backend->tracks() ? GST_RTSP_STS_SERVICE_UNAVAILABLE : GST_RTSP_STS_OK;
}

GstRTSPStatusCode before_play(GstRTSPClient*, GstRTSPContext* context, gpointer) noexcept {
    const auto backend = backend_of(context->media);
    if (!backend)
        return GST_RTSP_STS_OK;
    auto* session = G_OBJECT(context->sessmedia);
    const bool first_time = g_object_get_qdata(session, played_quark()) == nullptr;
    g_object_set_qdata(session, played_quark(), session);
    post_to_main([backend, first_time] { backend->viewer_arrived(first_time); });
    return GST_RTSP_STS_OK;
}

void after_describe(GstRTSPClient* client, GstRTSPContext* context, gpointer) noexcept {
    g_object_set_qdata(G_OBJECT(client), described_quark(), context->media);
}

// The reason phrase of a 503 says what is wrong with the back end.
void before_sending(GstRTSPClient* client, GstRTSPContext* context, GstRTSPMessage* message,
                    gpointer) noexcept {
    if (message->type != GST_RTSP_MESSAGE_RESPONSE ||
        message->type_data.response.code != GST_RTSP_STS_SERVICE_UNAVAILABLE)
        return;
    const auto backend = backend_for(client, context);
    if (!backend)
        return;
    std::string reason = "Service Unavailable (" + backend->unavailable_reason() + ")";
    for (char& character : reason)
        if (static_cast<unsigned char>(character) < 0x20)
            character = ' ';
    g_free(message->type_data.response.reason);
    message->type_data.response.reason = g_strdup(reason.c_str());
    gst_rtsp_message_add_header(message, GST_RTSP_HDR_RETRY_AFTER, "5");
}

// Without it the second small packet of a stream waits for the client's delayed acknowledgement, 40
// ms.
void set_no_delay(GstRTSPClient* client) {
    GstRTSPConnection* connection = gst_rtsp_client_get_connection(client);
    GSocket* socket =
        connection != nullptr ? gst_rtsp_connection_get_read_socket(connection) : nullptr;
    if (socket != nullptr)
        g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
}

} // namespace

void apply_client_rules(GstRTSPClient* client) {
    set_no_delay(client);
    g_signal_connect(client, "pre-describe-request", G_CALLBACK(before_describe_or_setup), nullptr);
    g_signal_connect(client, "pre-setup-request", G_CALLBACK(before_describe_or_setup), nullptr);
    g_signal_connect(client, "pre-play-request", G_CALLBACK(before_play), nullptr);
    g_signal_connect(client, "describe-request", G_CALLBACK(after_describe), nullptr);
    g_signal_connect(client, "send-message", G_CALLBACK(before_sending), nullptr);
}

const GstRTSPMedia* described_media(GstRTSPClient* client) {
    return static_cast<const GstRTSPMedia*>(
        g_object_get_qdata(G_OBJECT(client), described_quark()));
}

} // namespace rtspproxy::server
