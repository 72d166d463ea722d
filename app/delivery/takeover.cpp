#include "app/delivery/takeover.hpp"

#include "plugins/support/boxed.hpp"
#include "plugins/support/deleter.hpp"

#include <array>
#include <ctime>
#include <utility>

namespace rtspproxy::delivery {
namespace {

using OutputPtr = std::shared_ptr<SocketOutput>;
using StringPtr =
    std::unique_ptr<GString, decltype([](GString* text) { g_string_free(text, TRUE); })>;

GQuark output_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-output");
    return quark;
}

// GstRTSPClient has done with its connection: our duplicate must not keep it open.
void close_output(gpointer boxed) {
    unbox<OutputPtr>(boxed)->close();
    free_box<OutputPtr>(boxed);
}

gboolean send_message(GstRTSPClient*, GstRTSPMessage* message, gboolean, gpointer data) noexcept {
    return unbox<OutputPtr>(data)->send_response(wire_text(*message)) ? TRUE : FALSE;
}

// RFC 7231 §7.1.1.1, independent of the locale.
std::string date_now() {
    const GDateTime* raw = g_date_time_new_now_utc();
    const std::unique_ptr<GDateTime, Deleter<g_date_time_unref>> now(const_cast<GDateTime*>(raw));
    constexpr std::array kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const GCharPtr text(g_strdup_printf(
        "%s, %02d %s %d %02d:%02d:%02d GMT",
        kDays.at(static_cast<std::size_t>(g_date_time_get_day_of_week(now.get()) - 1)),
        g_date_time_get_day_of_month(now.get()),
        kMonths.at(static_cast<std::size_t>(g_date_time_get_month(now.get()) - 1)),
        g_date_time_get_year(now.get()), g_date_time_get_hour(now.get()),
        g_date_time_get_minute(now.get()), g_date_time_get_second(now.get())));
    return text.get();
}

std::string frame_of(const GstRTSPMessage& message, const std::string& body) {
    std::string frame{'$', static_cast<char>(message.type_data.data.channel),
                      static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
    return frame + body;
}

std::string body_of(const GstRTSPMessage& message) {
    if (message.body != nullptr)
        return {reinterpret_cast<const char*>(message.body), message.body_size};
    std::string body;
    GstMapInfo map;
    if (message.body_buffer != nullptr && gst_buffer_map(message.body_buffer, &map, GST_MAP_READ)) {
        body.assign(reinterpret_cast<const char*>(map.data), map.size);
        gst_buffer_unmap(message.body_buffer, &map);
    }
    return body;
}

} // namespace

std::string wire_text(GstRTSPMessage& message) {
    const std::string body = body_of(message);
    if (message.type == GST_RTSP_MESSAGE_DATA)
        return frame_of(message, body);
    const StringPtr text(g_string_new(nullptr));
    if (message.type == GST_RTSP_MESSAGE_REQUEST) {
        const auto& request = message.type_data.request;
        g_string_append_printf(text.get(), "%s %s RTSP/%s\r\n",
                               gst_rtsp_method_as_text(request.method), request.uri,
                               gst_rtsp_version_as_text(request.version));
    } else {
        const auto& response = message.type_data.response;
        g_string_append_printf(text.get(), "RTSP/%s %d %s\r\n",
                               gst_rtsp_version_as_text(response.version), response.code,
                               response.reason != nullptr ? response.reason : "");
    }
    gst_rtsp_message_remove_header(&message, GST_RTSP_HDR_DATE, -1);
    gst_rtsp_message_add_header(&message, GST_RTSP_HDR_DATE, date_now().c_str());
    gst_rtsp_message_remove_header(&message, GST_RTSP_HDR_CONTENT_LENGTH, -1);
    if (!body.empty())
        gst_rtsp_message_add_header(&message, GST_RTSP_HDR_CONTENT_LENGTH,
                                    std::to_string(body.size()).c_str());
    gst_rtsp_message_append_headers(&message, text.get());
    return std::string(text->str, text->len) + "\r\n" + body;
}

void take_over(GstRTSPClient* client, Writer& writer) {
    if (g_object_get_qdata(G_OBJECT(client), output_quark()) != nullptr)
        return;
    GstRTSPConnection* connection = gst_rtsp_client_get_connection(client);
    if (connection == nullptr || gst_rtsp_connection_is_tunneled(connection))
        return;
    GSocket* socket = gst_rtsp_connection_get_write_socket(connection);
    if (socket == nullptr)
        return;
    const char* address = gst_rtsp_connection_get_ip(connection);
    const OutputPtr output =
        writer.adopt(g_socket_get_fd(socket), std::string("client ") + (address ? address : "?"));
    if (!output)
        return;
    // One function of the two kinds may be set at a time (GStreamer asserts it). Of the other kind
    // the callback would get the wrong data (1.22).
    gst_rtsp_client_set_send_messages_func(client, nullptr, nullptr, nullptr);
    gst_rtsp_client_set_send_func(client, send_message, box(output), close_output);
    g_object_set_qdata_full(G_OBJECT(client), output_quark(), box(output), free_box<OutputPtr>);
}

// First of all nothing leaves any more: a streaming thread that is about to send would find
// GstRTSPClient without its watch.
void close_client(GstRTSPClient* client) {
    gst_rtsp_client_set_send_func(client, nullptr, nullptr, nullptr);
    gst_rtsp_client_set_send_messages_func(client, nullptr, nullptr, nullptr);
    gst_rtsp_client_close(client);
}

std::shared_ptr<SocketOutput> output_of(GstRTSPClient* client) {
    const auto* output =
        static_cast<OutputPtr*>(g_object_get_qdata(G_OBJECT(client), output_quark()));
    return output != nullptr ? *output : nullptr;
}

} // namespace rtspproxy::delivery
