#include "app/backend/message_log.hpp"

#include "app/backend/exchange/message.hpp"
#include "app/log.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/text/secrets.hpp"

#include <gst/gst.h>
#include <gst/rtsp/gstrtspextension.h>
#include <gst/rtsp/rtsp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>

namespace rtspproxy::backend {
namespace {

std::atomic<bool> enabled{false};
thread_local std::string current_mount;

constexpr std::array kSecretHeaders{GST_RTSP_HDR_AUTHORIZATION, GST_RTSP_HDR_AUTHENTICATION_INFO};
constexpr std::array<std::string_view, 3> kSecretNames{"Authorization", "Authentication-Info",
                                                       "Proxy-Authorization"};

struct Printer {
    std::string text;
    std::string_view prefix;

    void line(std::string_view content) {
        text += prefix;
        text += text::mask_urls_within(content);
        text += '\n';
    }
    void header(GstRTSPHeaderField field, const char* name, const char* value) {
        bool secret = false;
        for (const GstRTSPHeaderField each : kSecretHeaders)
            secret = secret || each == field;
        // The scheme (Basic, Digest) helps and tells nothing.
        const std::string_view shown(value);
        line(
            std::string(name) + ": " +
            (secret ? std::string(shown.substr(0, shown.find(' '))) + " ***" : std::string(shown)));
    }
};

void append_headers(Printer& printer, const GstRTSPMessage& message) {
    for (int id = GST_RTSP_HDR_INVALID + 1; id < GST_RTSP_HDR_LAST; ++id) {
        const auto field = static_cast<GstRTSPHeaderField>(id);
        char* value = nullptr;
        for (gint i = 0; gst_rtsp_message_get_header(&message, field, &value, i) == GST_RTSP_OK;
             ++i)
            printer.header(field, gst_rtsp_header_as_text(field), value);
    }
}

void append_body(Printer& printer, const GstRTSPMessage& message) {
    guint8* data = nullptr;
    guint size = 0;
    if (gst_rtsp_message_get_body(&message, &data, &size) != GST_RTSP_OK || data == nullptr)
        return;
    printer.line({});
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty() && rest.front() != '\0') {
        const std::size_t end = rest.find_first_of("\r\n");
        if (end != 0)
            printer.line(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
}

void print(const GstRTSPMessage& message) {
    Printer printer;
    const bool request = message.type == GST_RTSP_MESSAGE_REQUEST;
    const std::string prefix = current_mount + (request ? " > " : " < ");
    printer.prefix = prefix;
    if (request) {
        const auto& line = message.type_data.request;
        printer.line(std::string(gst_rtsp_method_as_text(line.method)) + " " +
                     (line.uri != nullptr ? line.uri : "*") + " RTSP/1.0");
    } else if (message.type == GST_RTSP_MESSAGE_RESPONSE) {
        const auto& line = message.type_data.response;
        printer.line("RTSP/1.0 " + std::to_string(line.code) + " " +
                     (line.reason != nullptr ? line.reason : ""));
    } else {
        return;
    }
    append_headers(printer, message);
    append_body(printer, message);
    log::print_lines(printer.text);
}

std::string masked(std::string_view line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const bool secret = std::ranges::any_of(kSecretNames, [&](std::string_view name) {
        return exchange::equals_ignoring_case(exchange::trim(line.substr(0, colon)), name);
    });
    if (!secret)
        return std::string(line);
    // The scheme (Basic, Digest) helps and tells nothing.
    const std::string_view value = exchange::trim(line.substr(std::min(colon + 1, line.size())));
    return std::string(line.substr(0, colon)) + ": " +
           std::string(value.substr(0, value.find(' '))) + " ***";
}

void print(std::string prefix, std::string_view message) {
    if (!enabled.load())
        return;
    Printer printer{{}, prefix};
    while (!message.empty()) {
        const std::size_t end = std::min(message.find_first_of("\r\n"), message.size());
        if (const std::string line = masked(message.substr(0, end)); !line.empty())
            printer.line(line);
        message.remove_prefix(std::min(end + 1, message.size()));
    }
    log::print_lines(printer.text);
}

GstRTSPResult after_send(GstRTSPExtension*, GstRTSPMessage* request,
                         GstRTSPMessage* response) noexcept {
    if (enabled.load() && !current_mount.empty() && request != nullptr && response != nullptr) {
        print(*request);
        print(*response);
    }
    return GST_RTSP_OK;
}

} // namespace

struct RtspMessageLog {
    GstElement parent;
};
struct RtspMessageLogClass {
    GstElementClass parent_class;
};

static void implement_extension(gpointer interface, gpointer) {
    static_cast<GstRTSPExtensionInterface*>(interface)->after_send = after_send;
}

G_DEFINE_TYPE_WITH_CODE(RtspMessageLog, rtsp_message_log, GST_TYPE_ELEMENT,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_RTSP_EXTENSION, implement_extension))

static void rtsp_message_log_class_init(RtspMessageLogClass* klass) {
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "RTSP message log",
                                          "Network/Extension/Protocol",
                                          "Shows the RTSP messages of rtspsrc", "gst-rtsp-proxy");
}
static void rtsp_message_log_init(RtspMessageLog*) {}

void MessageLog::enable() {
    enabled.store(true);
    gst_element_register(nullptr, "rtspproxymessagelog", GST_RANK_MARGINAL,
                         rtsp_message_log_get_type());
}

void MessageLog::sent(const std::string& mount, std::string_view message) {
    print(mount + " > ", message);
}

void MessageLog::received(const std::string& mount, std::string_view message) {
    print(mount + " < ", message);
}

void MessageLog::name_this_thread(const std::string& mount) {
    if (enabled.load())
        current_mount = mount;
}

} // namespace rtspproxy::backend
