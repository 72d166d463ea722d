#include "plugins/fanout/udpfanoutsink.hpp"

#include "plugins/fanout/fan_out.hpp"
#include "plugins/fanout/multiudpsink_type.hpp"
#include "plugins/support/element.hpp"

#include <gst/base/gstbasesink.h>

GST_DEBUG_CATEGORY(udpfanoutsink_debug);
#define GST_CAT_DEFAULT udpfanoutsink_debug

namespace rtspproxy::fanout {
namespace {

enum Property : guint {
    kPropertyGso = 1,
    kPropertyBurstRate,
    kPropertyBurstMaxBytes,
    kPropertyStats,
    // of the parent, which must not have to know what is sent
    kPropertyBytesToServe,
    kPropertyBytesServed,
    kPropertyClients,
    kPropertySendDuplicates,
};

gint private_offset = 0;
GObjectClass* parent_class = nullptr;

FanOut& part(gpointer self) {
    return *static_cast<FanOut*>(G_STRUCT_MEMBER_P(self, private_offset));
}
GstBaseSinkClass* parent_sink_class() {
    return GST_BASE_SINK_CLASS(parent_class);
}

GstFlowReturn on_render(GstBaseSink* self, GstBuffer* buffer) noexcept {
    part(self).render(buffer);
    return GST_FLOW_OK;
}
GstFlowReturn on_render_list(GstBaseSink* self, GstBufferList* list) noexcept {
    part(self).render(list);
    return GST_FLOW_OK;
}

Ref<GSocket> socket_in_use(GstBaseSink* self, const char* property) {
    GSocket* socket = nullptr;
    g_object_get(self, property, &socket, nullptr);
    return Ref<GSocket>::adopt(socket);
}

gboolean on_start(GstBaseSink* self) noexcept {
    if (!parent_sink_class()->start(self))
        return FALSE;
    part(self).start(socket_in_use(self, "used-socket"), socket_in_use(self, "used-socket-v6"));
    return TRUE;
}
gboolean on_stop(GstBaseSink* self) noexcept {
    part(self).stop();
    return parent_sink_class()->stop(self);
}
gboolean on_unlock(GstBaseSink* self) noexcept {
    part(self).interrupt(true);
    return parent_sink_class()->unlock(self);
}
gboolean on_unlock_stop(GstBaseSink* self) noexcept {
    part(self).interrupt(false);
    return parent_sink_class()->unlock_stop(self);
}

// multiudpsink keeps its own list of clients, for its properties and for multicast groups.

void on_client_added(GstElement* self, const char* host, int port) noexcept {
    part(self).add(host, port);
}
void on_remove(GstElement* self, const char* host, int port) noexcept {
    g_signal_chain_from_overridden_handler(self, host, port);
    part(self).remove(host, port);
}
void on_clear(GstElement* self) noexcept {
    g_signal_chain_from_overridden_handler(self);
    part(self).clear();
}
GstStructure* on_get_stats(GstElement* self, const char* host, int port) noexcept {
    GstStructure* stats = nullptr;
    g_signal_chain_from_overridden_handler(self, host, port, &stats);
    if (const auto traffic = part(self).traffic(host, port); traffic && stats != nullptr)
        gst_structure_set(stats, "bytes-sent", G_TYPE_UINT64, traffic->bytes, "packets-sent",
                          G_TYPE_UINT64, traffic->packets, nullptr);
    return stats;
}
void on_hold_client(GstElement* self, const char* host, int port) noexcept {
    part(self).hold(host, port);
}
void on_release_client(GstElement* self, const char* host, int port) noexcept {
    part(self).release(host, port);
}
void on_burst_client(GstElement* self, const char* host, int port, GstBufferList* packets,
                     int next) noexcept {
    const bool told = next >= 0 && next <= G_MAXUINT16;
    part(self).begin_with(host, port, packets,
                          told ? std::optional(static_cast<std::uint16_t>(next)) : std::nullopt);
}

// `spec` is the parent's, whose number of the property is another one.
void set_in_parent(GObject* self, const GValue* value, GParamSpec* spec) {
    parent_class->set_property(self, spec->param_id, value, spec);
}
void get_from_parent(GObject* self, GValue* value, GParamSpec* spec) {
    parent_class->get_property(self, spec->param_id, value, spec);
}

void on_set_property(GObject* self, guint id, const GValue* value, GParamSpec* spec) noexcept {
    auto& settings = part(self).settings();
    switch (id) {
    case kPropertyGso:
        settings.gso.store(g_value_get_boolean(value) != FALSE);
        break;
    case kPropertyBurstRate:
        settings.burst_rate.store(g_value_get_uint64(value));
        break;
    case kPropertyBurstMaxBytes:
        settings.burst_max_bytes.store(g_value_get_uint(value));
        break;
    case kPropertyClients:
        part(self).clear();
        set_in_parent(self, value, spec); // says which were added
        break;
    case kPropertySendDuplicates:
        part(self).set_send_duplicates(g_value_get_boolean(value) != FALSE);
        set_in_parent(self, value, spec);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
        break;
    }
}

void on_get_property(GObject* self, guint id, GValue* value, GParamSpec* spec) noexcept {
    auto& settings = part(self).settings();
    switch (id) {
    case kPropertyGso:
        g_value_set_boolean(value, settings.gso.load() ? TRUE : FALSE);
        break;
    case kPropertyBurstRate:
        g_value_set_uint64(value, settings.burst_rate.load());
        break;
    case kPropertyBurstMaxBytes:
        g_value_set_uint(value, settings.burst_max_bytes.load());
        break;
    case kPropertyStats:
        g_value_take_boxed(value, part(self).stats().release());
        break;
    case kPropertyBytesToServe:
        g_value_set_uint64(value, part(self).bytes_to_serve());
        break;
    case kPropertyBytesServed:
        g_value_set_uint64(value, part(self).bytes_served());
        break;
    case kPropertyClients:
    case kPropertySendDuplicates:
        get_from_parent(self, value, spec);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
        break;
    }
}

void on_finalize(GObject* self) noexcept {
    destroy_private<FanOut>(&part(self));
    parent_class->finalize(self);
}

constexpr auto kReadWrite = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);

void install_properties(GObjectClass* object_class) {
    g_object_class_install_property(
        object_class, kPropertyGso,
        g_param_spec_boolean(
            "gso", "Segmentation offload",
            "Whether runs of equal-sized packets go to the kernel as one message each "
            "(UDP_SEGMENT), where the kernel knows it; otherwise, and on ways that have "
            "refused it, packets are sent one by one",
            TRUE, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyBurstRate,
        g_param_spec_uint64(
            "burst-rate", "Burst rate",
            "How fast a destination that joins is sent what it begins with, in bits per second, "
            "after the first 32 KiB, which are sent at once; 0 sends all at once, which "
            "overruns receive buffers of the usual size",
            0, G_MAXUINT32, FanOutSettings::kDefaultBurstRate, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyBurstMaxBytes,
        g_param_spec_uint(
            "burst-max-bytes", "Longest burst queue",
            "How many bytes rendered meanwhile may wait for a destination that is held or catches "
            "up; one more packet and its queue is dropped, and it goes on with the live stream "
            "unless "
            "a burst follows that has what was dropped",
            0, G_MAXUINT, FanOutSettings::kDefaultBurstMaxBytes, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyStats,
        g_param_spec_boxed(
            "stats", "Statistics",
            "gso (boolean: segmentation offload is wanted, and the kernel knows it); counters "
            "since "
            "the element was started, guint64: packets, bytes, dropped (packets for which there "
            "was "
            "no room, or that a destination cannot be sent), gso-messages (that held more than one "
            "packet), "
            "bursts, burst-packets, burst-overflows (queues that were dropped for their length); "
            "destinations, waiting (held, or catching up), guint",
            GST_TYPE_STRUCTURE,
            static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
    g_object_class_override_property(object_class, kPropertyBytesToServe, "bytes-to-serve");
    g_object_class_override_property(object_class, kPropertyBytesServed, "bytes-served");
    g_object_class_override_property(object_class, kPropertyClients, "clients");
    g_object_class_override_property(object_class, kPropertySendDuplicates, "send-duplicates");
}

void install_signals(GType type) {
    g_signal_override_class_handler("client-added", type, G_CALLBACK(on_client_added));
    g_signal_override_class_handler("remove", type, G_CALLBACK(on_remove));
    g_signal_override_class_handler("clear", type, G_CALLBACK(on_clear));
    g_signal_override_class_handler("get-stats", type, G_CALLBACK(on_get_stats));
    constexpr auto kAction = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
    // From now on packets are collected for a destination that will be added within 10 s. At most
    // 64 are held at a time.
    g_signal_new_class_handler("hold-client", type, kAction, G_CALLBACK(on_hold_client), nullptr,
                               nullptr, nullptr, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_INT);
    // It will not be added after all. Nothing happens if it was.
    g_signal_new_class_handler("release-client", type, kAction, G_CALLBACK(on_release_client),
                               nullptr, nullptr, nullptr, G_TYPE_NONE, 2, G_TYPE_STRING,
                               G_TYPE_INT);
    // What it gets first when it is added: these, then what is rendered from the sequence number
    // `next` on; if that is -1, behind the last of them, or all that was collected if there are
    // none.
    g_signal_new_class_handler("burst-client", type, kAction, G_CALLBACK(on_burst_client), nullptr,
                               nullptr, nullptr, G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_INT,
                               GST_TYPE_BUFFER_LIST, G_TYPE_INT);
}

void on_class_init(gpointer klass, gpointer) noexcept {
    GST_DEBUG_CATEGORY_INIT(udpfanoutsink_debug, "udpfanoutsink", 0, "Sends UDP to many");
    g_type_class_adjust_private_offset(klass, &private_offset);
    parent_class = G_OBJECT_CLASS(g_type_class_peek_parent(klass));

    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = on_set_property;
    object_class->get_property = on_get_property;
    object_class->finalize = on_finalize;
    install_properties(object_class);
    install_signals(G_TYPE_FROM_CLASS(klass));

    auto* sink_class = GST_BASE_SINK_CLASS(klass);
    sink_class->render = on_render;
    sink_class->render_list = on_render_list;
    sink_class->start = on_start;
    sink_class->stop = on_stop;
    sink_class->unlock = on_unlock;
    sink_class->unlock_stop = on_unlock_stop;

    gst_element_class_set_static_metadata(
        GST_ELEMENT_CLASS(klass), "UDP fan-out sink", "Sink/Network",
        "Sends each packet to many destinations, whole lists at once and with segmentation "
        "offload; "
        "those that join may begin with a burst. Otherwise like multiudpsink",
        "gst-rtsp-proxy");
}

void on_instance_init(GTypeInstance* self, gpointer) noexcept {
    construct_private<FanOut>(&part(self), reinterpret_cast<GstElement*>(self));
}

GType register_type(GType parent) {
    GTypeQuery query{};
    g_type_query(parent, &query);
    const GTypeInfo info{static_cast<guint16>(query.class_size),
                         nullptr,
                         nullptr,
                         on_class_init,
                         nullptr,
                         nullptr,
                         static_cast<guint16>(query.instance_size),
                         0,
                         on_instance_init,
                         nullptr};
    const GType type =
        g_type_register_static(parent, "UdpFanOutSink", &info, static_cast<GTypeFlags>(0));
    private_offset = g_type_add_instance_private(type, sizeof(FanOut));
    return type;
}

} // namespace

GType udpfanoutsink_get_type(bool loading_plugin) {
    static gsize registered = 0;
    if (g_once_init_enter(&registered)) {
        const GType parent = multiudpsink_type(loading_plugin);
        // 1: there is none. G_TYPE_NONE, a number that no element has.
        g_once_init_leave(&registered, parent != 0 ? register_type(parent) : gsize{1});
    }
    return registered != 1 ? registered : 0;
}

bool replace_multiudpsink() {
    const GType type = udpfanoutsink_get_type(false);
    return type != 0 &&
           gst_element_register(nullptr, "multiudpsink", GST_RANK_PRIMARY, type) != FALSE;
}

} // namespace rtspproxy::fanout
