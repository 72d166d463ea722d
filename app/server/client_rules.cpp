#include "app/server/client_rules.hpp"

#include "app/delivery/session_delivery.hpp"
#include "app/delivery/session_reports.hpp"
#include "app/delivery/takeover.hpp"
#include "app/printable.hpp"
#include "app/server/interleaved_channels.hpp"
#include "app/server/relay_factory.hpp"
#include "app/server/relay_media.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/main_loop.hpp"
#include "plugins/support/weak_ref.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace rtspproxy::server {
namespace {

// Of one connection: no player has more than a few.
constexpr unsigned kMaxSessions = 16;

// Weak: by its address alone another media could be taken for one that is gone.
using DescribedMedia = std::unique_ptr<WeakRef<GstRTSPMedia>>;

GQuark described_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-described");
    return quark;
}

GQuark played_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-played");
    return quark;
}

// The session's media that a client is about to play: between the response and after_play().
GQuark playing_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-playing");
    return quark;
}

GQuark slow_start_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-slow-start");
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

// Whether a URL's query asks for it: ?faststart=0.
bool wants_no_fast_start(const GstRTSPUrl* url) {
    std::string_view query = url != nullptr && url->query != nullptr ? url->query : "";
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        if (query.substr(0, end) == "faststart=0")
            return true;
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return false;
}

GstRTSPStatusCode before_options(GstRTSPClient* client, GstRTSPContext*, gpointer writer) noexcept {
    delivery::take_over(client, *static_cast<delivery::Writer*>(writer));
    return GST_RTSP_STS_OK;
}

unsigned sessions_of(GstRTSPClient* client) {
    GList* sessions = gst_rtsp_client_session_filter(client, nullptr, nullptr);
    const unsigned count = g_list_length(sessions);
    g_list_free_full(sessions, g_object_unref);
    return count;
}

// Players seldom repeat the query in SETUP and PLAY, so it is remembered until the next DESCRIBE.
GstRTSPStatusCode before_describe_or_setup(GstRTSPClient* client, GstRTSPContext* context,
                                           gpointer writer) noexcept {
    delivery::take_over(client, *static_cast<delivery::Writer*>(writer));
    const bool declines = wants_no_fast_start(context->uri);
    if (declines || context->request->type_data.request.method == GST_RTSP_DESCRIBE)
        g_object_set_qdata(G_OBJECT(client), slow_start_quark(), declines ? client : nullptr);
    if (context->request->type_data.request.method == GST_RTSP_SETUP &&
        context->session == nullptr && sessions_of(client) >= kMaxSessions)
        return GST_RTSP_STS_NOT_ENOUGH_BANDWIDTH;
    const auto backend = backend_for(client, context);
    // An unknown mount is answered 404 by the server itself.
    return backend && !backend->tracks() ? GST_RTSP_STS_SERVICE_UNAVAILABLE : GST_RTSP_STS_OK;
}

void after_describe(GstRTSPClient* client, GstRTSPContext* context, gpointer) noexcept {
    g_object_set_qdata_full(G_OBJECT(client), described_quark(),
                            box(std::make_unique<WeakRef<GstRTSPMedia>>(context->media)),
                            free_box<DescribedMedia>);
}

delivery::PlayRequest play_request(GstRTSPClient* client, const GstRTSPContext& context) {
    const bool fast_start = backend_of(context.media)->settings().fast_start &&
                            !wants_no_fast_start(context.uri) &&
                            g_object_get_qdata(G_OBJECT(client), slow_start_quark()) == nullptr;
    return {client, context.session, context.sessmedia, fast_start};
}

GstRTSPStatusCode before_play(GstRTSPClient* client, GstRTSPContext* context, gpointer) noexcept {
    const auto fanout = fanout_of(context->media);
    if (!fanout)
        return GST_RTSP_STS_OK;
    if (!delivery::set_up_here(client, context->sessmedia))
        return GST_RTSP_STS_METHOD_NOT_VALID_IN_THIS_STATE;
    delivery::prepare(play_request(client, *context), fanout);
    return GST_RTSP_STS_OK;
}

// The client is about to be told where its media come, and may report of them from now on.
void after_setup(const GstRTSPContext& context, GstRTSPMessage* response) {
    if (context.trans == nullptr)
        return;
    name_channels(*gst_rtsp_stream_transport_get_transport(context.trans), response);
    if (const auto fanout = fanout_of(context.media))
        delivery::expect_reports(context.session, context.sessmedia, context.trans, *fanout);
}

// The client is about to be told that it plays: from now on it has a place in the fan-out.
void join_fanout(GstRTSPClient* client, const GstRTSPContext& context, GstRTSPMessage* response,
                 const delivery::Writer& writer) {
    const auto fanout = fanout_of(context.media);
    if (!fanout)
        return;
    g_object_set_qdata_full(G_OBJECT(client), playing_quark(),
                            Ref<GstRTSPSessionMedia>::share(context.sessmedia).release(),
                            g_object_unref);
    const std::string rtp_info =
        delivery::join(play_request(client, context), fanout, writer.limits());
    if (rtp_info.empty())
        return;
    gst_rtsp_message_remove_header(response, GST_RTSP_HDR_RTP_INFO, -1);
    gst_rtsp_message_add_header(response, GST_RTSP_HDR_RTP_INFO, rtp_info.c_str());
}

// The back end is woken only now, when the client counts as one: with --idle-timeout 0 it would be
// stopped again before that. What the context says of the session's media is not held any more.
void after_play(GstRTSPClient* client, GstRTSPContext* context, gpointer) noexcept {
    const auto playing = Ref<GstRTSPSessionMedia>::adopt(
        static_cast<GstRTSPSessionMedia*>(g_object_steal_qdata(G_OBJECT(client), playing_quark())));
    const auto backend = backend_of(context->media);
    if (!playing || !backend)
        return;
    delivery::begin(playing.get());
    auto* session = G_OBJECT(playing.get());
    const bool first_time = g_object_get_qdata(session, played_quark()) == nullptr;
    g_object_set_qdata(session, played_quark(), session);
    post_to_main([backend, first_time] { backend->viewer_arrived(first_time); });
}

void before_teardown(GstRTSPClient*, GstRTSPContext* context, gpointer) noexcept {
    delivery::end(context->sessmedia);
}

// The reason phrase of a 503 says what is wrong with the back end.
void explain_unavailable(GstRTSPClient* client, const GstRTSPContext* context,
                         GstRTSPMessage* message) {
    const auto backend = backend_for(client, context);
    if (!backend)
        return;
    const std::string reason =
        "Service Unavailable (" + printable(backend->unavailable_reason()) + ")";
    g_free(message->type_data.response.reason);
    message->type_data.response.reason = g_strdup(reason.c_str());
    gst_rtsp_message_add_header(message, GST_RTSP_HDR_RETRY_AFTER, "5");
}

void before_sending(GstRTSPClient* client, GstRTSPContext* context, GstRTSPMessage* message,
                    gpointer writer) noexcept {
    if (message->type != GST_RTSP_MESSAGE_RESPONSE)
        return;
    const auto code = message->type_data.response.code;
    if (code == GST_RTSP_STS_SERVICE_UNAVAILABLE)
        explain_unavailable(client, context, message);
    if (context->request == nullptr || context->sessmedia == nullptr)
        return;
    const auto method = context->request->type_data.request.method;
    if (method == GST_RTSP_SETUP && code == GST_RTSP_STS_OK)
        after_setup(*context, message);
    else if (method == GST_RTSP_PLAY && code == GST_RTSP_STS_OK)
        join_fanout(client, *context, message, *static_cast<const delivery::Writer*>(writer));
    else if (method == GST_RTSP_PLAY)
        delivery::cancel(context->sessmedia);
    else if (method == GST_RTSP_PAUSE && code == GST_RTSP_STS_OK)
        delivery::end(context->sessmedia);
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

// gst-rtsp-server has no time limit for a connection once it has had a session: one whose session
// has ended, and who does not begin another soon, is gone or has no business here.
void end_after_session(GstRTSPClient* client) {
    constexpr int kSeconds = 10;
    g_object_set(client, "post-session-timeout", kSeconds, nullptr);
}

} // namespace

void apply_client_rules(GstRTSPClient* client, delivery::Writer& writer) {
    set_no_delay(client);
    end_after_session(client);
    const auto connect = [client, &writer](const char* signal, GCallback handler) {
        g_signal_connect(client, signal, handler, &writer);
    };
    connect("pre-options-request", G_CALLBACK(before_options));
    connect("pre-describe-request", G_CALLBACK(before_describe_or_setup));
    connect("pre-setup-request", G_CALLBACK(before_describe_or_setup));
    connect("pre-play-request", G_CALLBACK(before_play));
    connect("play-request", G_CALLBACK(after_play));
    connect("describe-request", G_CALLBACK(after_describe));
    connect("teardown-request", G_CALLBACK(before_teardown));
    connect("send-message", G_CALLBACK(before_sending));
}

Ref<GstRTSPMedia> described_media(GstRTSPClient* client) {
    auto* described =
        static_cast<DescribedMedia*>(g_object_get_qdata(G_OBJECT(client), described_quark()));
    return described != nullptr ? (*described)->get() : nullptr;
}

} // namespace rtspproxy::server
