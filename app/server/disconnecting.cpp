#include "app/server/disconnecting.hpp"

#include "app/delivery/takeover.hpp"
#include "app/server/client_rules.hpp"

namespace rtspproxy::server {
namespace {

struct Search {
    GstRTSPMedia* media;
    unsigned found = 0;
};

GstRTSPFilterResult drop_session_media(GstRTSPSession*, GstRTSPSessionMedia* session_media,
                                       gpointer data) noexcept {
    auto* search = static_cast<Search*>(data);
    if (gst_rtsp_session_media_get_media(session_media) != search->media)
        return GST_RTSP_FILTER_KEEP;
    ++search->found;
    return GST_RTSP_FILTER_REMOVE;
}

GstRTSPFilterResult drop_in_session(GstRTSPSessionPool*, GstRTSPSession* session,
                                    gpointer data) noexcept {
    g_list_free_full(gst_rtsp_session_filter(session, drop_session_media, data), g_object_unref);
    return GST_RTSP_FILTER_KEEP;
}

GstRTSPFilterResult drop_in_client_session(GstRTSPClient*, GstRTSPSession* session,
                                           gpointer data) noexcept {
    return drop_in_session(nullptr, session, data);
}

GstRTSPFilterResult close_user(GstRTSPServer*, GstRTSPClient* client, gpointer data) noexcept {
    auto* search = static_cast<Search*>(data);
    const unsigned before = search->found;
    g_list_free_full(gst_rtsp_client_session_filter(client, drop_in_client_session, data),
                     g_object_unref);
    if (search->found > before || described_media(client).get() == search->media)
        delivery::close_client(client);
    return GST_RTSP_FILTER_KEEP;
}

GstRTSPFilterResult close_any(GstRTSPServer*, GstRTSPClient* client, gpointer) noexcept {
    delivery::close_client(client);
    return GST_RTSP_FILTER_KEEP;
}

GstRTSPFilterResult drop(GstRTSPSessionPool*, GstRTSPSession*, gpointer) noexcept {
    return GST_RTSP_FILTER_REMOVE;
}

} // namespace

unsigned disconnect_users(GstRTSPServer* server, GstRTSPSessionPool* sessions,
                          GstRTSPMedia* media) {
    Search search{media};
    g_list_free_full(gst_rtsp_server_client_filter(server, close_user, &search), g_object_unref);
    // Sessions over UDP outlive their connection.
    g_list_free_full(gst_rtsp_session_pool_filter(sessions, drop_in_session, &search),
                     g_object_unref);
    return search.found;
}

void disconnect_all(GstRTSPServer* server, GstRTSPSessionPool* sessions) {
    g_list_free_full(gst_rtsp_server_client_filter(server, close_any, nullptr), g_object_unref);
    g_list_free_full(gst_rtsp_session_pool_filter(sessions, drop, nullptr), g_object_unref);
}

} // namespace rtspproxy::server
