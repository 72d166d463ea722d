#include "tests/support/multicast.hpp"

#include "plugins/support/ref.hpp"

#include <gst/rtsp-server/rtsp-server.h>
#include <sys/socket.h>

namespace rtspproxy::tests {

namespace {

using ConfigureTransport = decltype(GstRTSPClientClass::configure_client_transport);
ConfigureTransport original_configure = nullptr;

void share(Ref<GSocket> socket) {
    if (!socket)
        return;
    g_socket_set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1, nullptr);
    g_socket_set_multicast_loopback(socket.get(), TRUE);
}

// Between the binding of the sockets and the response to SETUP.
gboolean configure(GstRTSPClient* client, GstRTSPContext* context,
                   GstRTSPTransport* transport) noexcept {
    if (original_configure(client, context, transport) == FALSE)
        return FALSE;
    for (const auto family : {G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6}) {
        GstRTSPStream* stream = context->stream;
        share(Ref<GSocket>::adopt(gst_rtsp_stream_get_rtp_multicast_socket(stream, family)));
        share(Ref<GSocket>::adopt(gst_rtsp_stream_get_rtcp_multicast_socket(stream, family)));
    }
    return TRUE;
}

} // namespace

void share_multicast_ports() {
    auto* client_class = GST_RTSP_CLIENT_CLASS(g_type_class_ref(GST_TYPE_RTSP_CLIENT));
    if (client_class->configure_client_transport != configure)
        original_configure = std::exchange(client_class->configure_client_transport, configure);
}

} // namespace rtspproxy::tests
