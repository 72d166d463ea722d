#include "app/server/relay_client.hpp"

#include "app/delivery/takeover.hpp"
#include "app/server/interleaved_channels.hpp"
#include "app/server/transport_list.hpp"
#include "plugins/support/deleter.hpp"

#include <string>

namespace rtspproxy::server {

struct RelayClient {
    GstRTSPClient parent;
};
struct RelayClientClass {
    GstRTSPClientClass parent_class;
};
struct RelayServer {
    GstRTSPServer parent;
};
struct RelayServerClass {
    GstRTSPServerClass parent_class;
};

G_DEFINE_TYPE(RelayClient, relay_client, GST_TYPE_RTSP_CLIENT)
G_DEFINE_TYPE(RelayServer, relay_server, GST_TYPE_RTSP_SERVER)

namespace {

GstRTSPClientClass* parent_client_class() {
    return GST_RTSP_CLIENT_CLASS(relay_client_parent_class);
}

// GstRTSPConnection makes a header of each transport in the list, of which GstRTSPClient reads the
// first.
void join_transports(GstRTSPMessage* request) {
    std::string list;
    char* value = nullptr;
    for (int i = 0;
         gst_rtsp_message_get_header(request, GST_RTSP_HDR_TRANSPORT, &value, i) == GST_RTSP_OK;
         ++i)
        list += (i == 0 ? "" : ",") + std::string(value);
    if (list.empty())
        return;
    gst_rtsp_message_remove_header(request, GST_RTSP_HDR_TRANSPORT, -1);
    gst_rtsp_message_add_header(request, GST_RTSP_HDR_TRANSPORT, usable_transports(list).c_str());
}

// The only track of a session's media that is set up; null if there are more of them, or none.
GstRTSPStream* only_track(GstRTSPSessionMedia* media) {
    GstRTSPStream* only = nullptr;
    for (guint i = 0; i < gst_rtsp_media_n_streams(gst_rtsp_session_media_get_media(media)); ++i)
        if (GstRTSPStreamTransport* transport = gst_rtsp_session_media_get_transport(media, i)) {
            if (only != nullptr)
                return nullptr;
            only = gst_rtsp_stream_transport_get_stream(transport);
        }
    return only;
}

// How much of `path` names the session's media, if all of it names the only track of that which is
// set up: what is asked of such a track is asked of the session.
std::size_t aggregate_length(GstRTSPSession* session, const std::string& path) {
    gint matched = 0;
    const auto media = Ref<GstRTSPSessionMedia>::adopt(
        gst_rtsp_session_dup_media(session, path.c_str(), &matched));
    const auto length = static_cast<std::size_t>(matched);
    if (!media || length + 1 >= path.size())
        return path.size();
    const GstRTSPStream* named = gst_rtsp_media_find_stream(
        gst_rtsp_session_media_get_media(media.get()), path.c_str() + length + 1);
    return named != nullptr && named == only_track(media.get()) ? length : path.size();
}

// What every request begins with: nothing of it has been looked at yet but its URL and its session.
char* make_path(GstRTSPClient* self, const GstRTSPUrl* url) noexcept {
    const GCharPtr path(parent_client_class()->make_path_from_uri(self, url));
    std::size_t length = std::string_view(path.get()).size();
    const GstRTSPContext* context = gst_rtsp_context_get_current();
    if (context != nullptr && context->request != nullptr && context->uri == url) {
        const auto method = context->method;
        if (method == GST_RTSP_SETUP)
            join_transports(context->request);
        else if (context->session != nullptr &&
                 (method == GST_RTSP_PLAY || method == GST_RTSP_PAUSE ||
                  method == GST_RTSP_TEARDOWN))
            length = aggregate_length(context->session, path.get());
    }
    return g_strndup(path.get(), length);
}

bool plays(GstRTSPSession* session, GstRTSPMedia* media, GstRTSPStream* stream) {
    bool found = false;
    GList* all = gst_rtsp_session_filter(session, nullptr, nullptr);
    for (const GList* each = all; each != nullptr; each = each->next) {
        auto* own = static_cast<GstRTSPSessionMedia*>(each->data);
        found = found || (gst_rtsp_session_media_get_media(own) == media &&
                          gst_rtsp_session_media_get_rtsp_state(own) == GST_RTSP_STATE_PLAYING &&
                          gst_rtsp_session_media_get_transport(
                              own, gst_rtsp_stream_get_index(stream)) != nullptr);
    }
    g_list_free_full(all, g_object_unref);
    return found;
}

// GstRTSPClient would put another transport in the place of the one that the track is sent by, and
// go on sending by that. RFC 2326 §10.4 leaves it to a server to refuse.
gboolean configure_media(GstRTSPClient* self, GstRTSPMedia* media, GstRTSPStream* stream,
                         GstRTSPContext* context) noexcept {
    if (context->session == nullptr || !plays(context->session, media, stream))
        return parent_client_class()->configure_client_media(self, media, stream, context);
    constexpr auto kCode = GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE;
    gst_rtsp_message_init_response(context->response, kCode, gst_rtsp_status_as_text(kCode),
                                   context->request);
    gst_rtsp_message_add_header(context->response, GST_RTSP_HDR_ALLOW,
                                "OPTIONS, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER");
    gst_rtsp_client_send_message(self, context->session, context->response);
    return FALSE;
}

// Channels that are no pair are as good as none: they are chosen for the client then. Its RTCP port
// is the next one, unless it says otherwise.
gboolean configure_transport(GstRTSPClient* self, GstRTSPContext* context,
                             GstRTSPTransport* transport) noexcept {
    ask_for_pair(*transport);
    auto& ports = transport->client_port;
    if (ports.min > 0 && ports.max <= 0)
        ports.max = ports.min + 1;
    if (!parent_client_class()->configure_client_transport(self, context, transport))
        return FALSE;
    // GstRTSPClient, where it sends by itself, needs to find the channel when a packet has left.
    if (delivery::output_of(self))
        hide_rtp_channel(*transport);
    return TRUE;
}

GstRTSPClient* create_client(GstRTSPServer* self) noexcept {
    auto* client = static_cast<GstRTSPClient*>(g_object_new(relay_client_get_type(), nullptr));
    const auto sessions = Ref<GstRTSPSessionPool>::adopt(gst_rtsp_server_get_session_pool(self));
    const auto mounts = Ref<GstRTSPMountPoints>::adopt(gst_rtsp_server_get_mount_points(self));
    const auto threads = Ref<GstRTSPThreadPool>::adopt(gst_rtsp_server_get_thread_pool(self));
    const auto auth = Ref<GstRTSPAuth>::adopt(gst_rtsp_server_get_auth(self));
    gst_rtsp_client_set_session_pool(client, sessions.get());
    gst_rtsp_client_set_mount_points(client, mounts.get());
    gst_rtsp_client_set_content_length_limit(client,
                                             gst_rtsp_server_get_content_length_limit(self));
    gst_rtsp_client_set_auth(client, auth.get());
    gst_rtsp_client_set_thread_pool(client, threads.get());
    return client;
}

} // namespace

static void relay_client_class_init(RelayClientClass* klass) {
    auto* client_class = GST_RTSP_CLIENT_CLASS(klass);
    client_class->make_path_from_uri = make_path;
    client_class->configure_client_media = configure_media;
    client_class->configure_client_transport = configure_transport;
}

static void relay_client_init(RelayClient*) {}

static void relay_server_class_init(RelayServerClass* klass) {
    GST_RTSP_SERVER_CLASS(klass)->create_client = create_client;
}

static void relay_server_init(RelayServer*) {}

Ref<GstRTSPServer> make_relay_server() {
    return Ref<GstRTSPServer>::adopt(
        static_cast<GstRTSPServer*>(g_object_new(relay_server_get_type(), nullptr)));
}

} // namespace rtspproxy::server
