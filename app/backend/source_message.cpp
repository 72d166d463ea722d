#include "app/backend/source_message.hpp"

#include <glib.h>

#include <string>
#include <vector>

namespace rtspproxy::backend {
namespace {

template <class Do>
void for_each_field(Do&& action) {
    for (int id = GST_RTSP_HDR_INVALID + 1; id < GST_RTSP_HDR_LAST; ++id)
        action(static_cast<GstRTSPHeaderField>(id));
}

std::vector<std::string> values_of(const GstRTSPMessage& message, GstRTSPHeaderField field) {
    std::vector<std::string> values;
    char* value = nullptr;
    for (int i = 0; gst_rtsp_message_get_header(&message, field, &value, i) == GST_RTSP_OK; ++i)
        values.emplace_back(value != nullptr ? value : "");
    return values;
}

std::vector<std::string> values_of(const exchange::Message& message, const char* name) {
    std::vector<std::string> values;
    for (const auto& header : message.headers)
        if (exchange::equals_ignoring_case(header.name, name))
            values.push_back(header.value);
    return values;
}

} // namespace

exchange::Message message_of(const GstRTSPMessage& message) {
    exchange::Message result;
    if (message.type == GST_RTSP_MESSAGE_RESPONSE) {
        const auto& line = message.type_data.response;
        result = exchange::Message::answer(line.code, line.reason != nullptr ? line.reason : "");
    } else {
        const auto& line = message.type_data.request;
        const char* method = gst_rtsp_method_as_text(line.method);
        result = exchange::Message::request(method != nullptr ? method : "",
                                            line.uri != nullptr ? line.uri : "*");
    }
    for_each_field([&](GstRTSPHeaderField field) {
        if (field == GST_RTSP_HDR_CONTENT_LENGTH)
            return;
        for (auto& value : values_of(message, field))
            result.add(gst_rtsp_header_as_text(field), std::move(value));
    });
    guint8* data = nullptr;
    guint size = 0;
    if (gst_rtsp_message_get_body(&message, &data, &size) == GST_RTSP_OK && data != nullptr)
        result.body.assign(reinterpret_cast<const char*>(data), size);
    if (const auto end = result.body.find('\0'); end != std::string::npos)
        result.body.resize(end); // GStreamer adds one
    return result;
}

void change(GstRTSPMessage& message, const exchange::Message& wanted) {
    for_each_field([&](GstRTSPHeaderField field) {
        const char* name = gst_rtsp_header_as_text(field);
        const auto values = values_of(wanted, name);
        if (field == GST_RTSP_HDR_CONTENT_LENGTH || values == values_of(message, field))
            return;
        gst_rtsp_message_remove_header(&message, field, -1);
        for (const auto& value : values)
            gst_rtsp_message_add_header(&message, field, value.c_str());
    });
    if (message.type != GST_RTSP_MESSAGE_RESPONSE)
        return;
    auto& line = message.type_data.response;
    line.code = static_cast<GstRTSPStatusCode>(wanted.status);
    if (line.reason == nullptr || wanted.reason != line.reason) {
        g_free(line.reason);
        line.reason = g_strdup(wanted.reason.c_str());
    }
}

} // namespace rtspproxy::backend
