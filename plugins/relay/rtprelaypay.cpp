#include "plugins/relay/rtprelaypay.hpp"

#include "plugins/relay/relay_pay.hpp"
#include "plugins/relay/report_event.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"

GST_DEBUG_CATEGORY(rtprelaypay_debug);
#define GST_CAT_DEFAULT rtprelaypay_debug

namespace rtspproxy::relay {

struct RtpRelayPay {
    GstElement parent;
};
struct RtpRelayPayClass {
    GstElementClass parent_class;
};
using RtpRelayPayPrivate = RelayPay;

G_DEFINE_TYPE_WITH_PRIVATE(RtpRelayPay, rtprelaypay, GST_TYPE_ELEMENT)

namespace {

enum Property : guint {
    kPropertyCaps = 1,
    kPropertySsrc,
    kPropertySequenceOffset,
    kPropertyTimestampOffset,
    kPropertyPayloadType,
    kPropertyMtu,
    kPropertyGroupTimeout,
    kPropertyKeyFrameTimeout,
    kPropertySwallowEos,
    kPropertySequence,
    kPropertyTimestamp,
    kPropertyStats,
};

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                                                             GST_STATIC_CAPS("application/x-rtp"));
GstStaticPadTemplate source_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));

RelayPay& part(gpointer self) {
    return *static_cast<RelayPay*>(
        rtprelaypay_get_instance_private(static_cast<RtpRelayPay*>(self)));
}

GstFlowReturn on_chain(GstPad*, GstObject* self, GstBuffer* buffer) noexcept {
    return part(self).chain(Ref<GstBuffer>::adopt(buffer));
}

GstFlowReturn on_chain_list(GstPad*, GstObject* self, GstBufferList* owned) noexcept {
    const auto list = Ref<GstBufferList>::adopt(gst_buffer_list_make_writable(owned));
    gst_buffer_list_foreach(
        list.get(),
        [](GstBuffer** buffer, guint, gpointer data) -> gboolean {
            part(data).chain(Ref<GstBuffer>::adopt(std::exchange(*buffer, nullptr)));
            return TRUE;
        },
        self);
    return GST_FLOW_OK;
}

// Nothing of the back end's stream but its packets goes downstream.
gboolean on_sink_event(GstPad*, GstObject* self, GstEvent* owned) noexcept {
    const auto event = Ref<GstEvent>::adopt(owned);
    GstCaps* caps = nullptr;
    switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_STREAM_START:
        part(self).stream_started();
        break;
    case GST_EVENT_CAPS:
        gst_event_parse_caps(event.get(), &caps);
        part(self).set_input_caps(caps);
        break;
    case GST_EVENT_EOS:
        part(self).end_of_stream();
        break;
    case GST_EVENT_FLUSH_STOP:
        part(self).flushed();
        break;
    case GST_EVENT_CUSTOM_DOWNSTREAM:
        if (const auto report = read_report_event(event.get()))
            part(self).sender_report(*report);
        break;
    default:
        break;
    }
    return TRUE;
}

// Seeking, quality of service and the like have nobody to go to.
gboolean on_source_event(GstPad*, GstObject*, GstEvent* owned) noexcept {
    const auto event = Ref<GstEvent>::adopt(owned);
    return GST_EVENT_TYPE(event.get()) != GST_EVENT_SEEK ? TRUE : FALSE;
}

// A latency answer would make a server add its processing deadline (20 ms) to every packet.
gboolean on_source_query(GstPad* pad, GstObject* self, GstQuery* query) noexcept {
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY || GST_QUERY_TYPE(query) == GST_QUERY_SEEKING)
        return FALSE;
    return gst_pad_query_default(pad, self, query);
}

gboolean on_sink_query(GstPad* pad, GstObject* self, GstQuery* query) noexcept {
    if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION)
        return FALSE;
    if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS)
        return gst_pad_query_default(pad, self, query);
    GstCaps* filter = nullptr;
    gst_query_parse_caps(query, &filter);
    const auto any = Ref<GstCaps>::adopt(gst_pad_get_pad_template_caps(pad));
    const auto answer = filter == nullptr ? any
                                          : Ref<GstCaps>::adopt(gst_caps_intersect_full(
                                                filter, any.get(), GST_CAPS_INTERSECT_FIRST));
    gst_query_set_caps_result(query, answer.get());
    return TRUE;
}

// Live as the back end is: there is nothing to preroll with.
GstStateChangeReturn on_change_state(GstElement* self, GstStateChange transition) noexcept {
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
        part(self).start();
    else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
        part(self).interrupt();
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(rtprelaypay_parent_class)->change_state(self, transition);
    if (result == GST_STATE_CHANGE_FAILURE)
        return result;
    switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
        part(self).preroll();
        return GST_STATE_CHANGE_NO_PREROLL;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
        return GST_STATE_CHANGE_NO_PREROLL;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
        part(self).stop();
        return result;
    default:
        return result;
    }
}

// An end of stream that is sent to the element itself, not one that the back end sent, ends the
// stream: the server says goodbye to its clients.
gboolean on_send_event(GstElement* self, GstEvent* event) noexcept {
    if (GST_EVENT_TYPE(event) != GST_EVENT_EOS)
        return GST_ELEMENT_CLASS(rtprelaypay_parent_class)->send_event(self, event);
    if (!part(self).is_open()) { // nobody was sent anything, and a preroll may hold the pad
        const auto unused = Ref<GstEvent>::adopt(event);
        return FALSE;
    }
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(self, "src"));
    return gst_pad_push_event(source.get(), event);
}

template <class Number>
std::optional<Number> optional_of(gint64 value) {
    if (value < 0)
        return std::nullopt;
    return static_cast<Number>(value);
}
template <class Number>
gint64 number_of(const std::optional<Number>& value) {
    return value ? static_cast<gint64>(*value) : -1;
}

// Only what can be pushed as the caps of one RTP stream.
Ref<GstCaps> usable_caps(GObject* self, const GstCaps* caps) {
    if (caps == nullptr)
        return nullptr;
    if (!gst_caps_is_fixed(caps) ||
        !gst_structure_has_name(gst_caps_get_structure(caps, 0), "application/x-rtp")) {
        GST_WARNING_OBJECT(self, "not the caps of one RTP stream: %" GST_PTR_FORMAT,
                           static_cast<const void*>(caps));
        return nullptr;
    }
    return Ref<GstCaps>::share(const_cast<GstCaps*>(caps));
}

void on_set_property(GObject* self, guint id, const GValue* value, GParamSpec* spec) noexcept {
    auto settings = part(self).settings().lock();
    switch (id) {
    case kPropertyCaps:
        settings->caps = usable_caps(self, gst_value_get_caps(value));
        break;
    case kPropertySsrc:
        settings->ssrc = optional_of<std::uint32_t>(g_value_get_int64(value));
        break;
    case kPropertySequenceOffset:
        settings->sequence = optional_of<std::uint16_t>(g_value_get_int(value));
        break;
    case kPropertyTimestampOffset:
        settings->timestamp = optional_of<std::uint32_t>(g_value_get_int64(value));
        break;
    case kPropertyPayloadType:
        settings->payload_type = static_cast<std::uint8_t>(g_value_get_uint(value));
        break;
    case kPropertyMtu:
        settings->mtu = g_value_get_uint(value);
        break;
    case kPropertyGroupTimeout:
        settings->group_timeout_ms = g_value_get_uint(value);
        break;
    case kPropertyKeyFrameTimeout:
        settings->key_frame_timeout_ms = g_value_get_uint(value);
        break;
    case kPropertySwallowEos:
        settings->swallow_eos = g_value_get_boolean(value) != FALSE;
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
        break;
    }
}

void get_counter(GObject* self, guint id, GValue* value, GParamSpec* spec) {
    switch (id) {
    case kPropertyPayloadType:
        g_value_set_uint(value, part(self).payload_type());
        break;
    case kPropertySequence:
        g_value_set_uint(value, part(self).next_sequence());
        break;
    case kPropertyTimestamp:
        g_value_set_uint(value, part(self).next_timestamp());
        break;
    case kPropertyStats:
        g_value_take_boxed(value, part(self).stats().release());
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
        break;
    }
}

void on_get_property(GObject* self, guint id, GValue* value, GParamSpec* spec) noexcept {
    const RelayPaySettings settings = *part(self).settings().lock();
    switch (id) {
    case kPropertyCaps:
        gst_value_set_caps(value, settings.caps.get());
        break;
    case kPropertySsrc:
        g_value_set_int64(value, number_of(settings.ssrc));
        break;
    case kPropertySequenceOffset:
        g_value_set_int(value, static_cast<gint>(number_of(settings.sequence)));
        break;
    case kPropertyTimestampOffset:
        g_value_set_int64(value, number_of(settings.timestamp));
        break;
    case kPropertyMtu:
        g_value_set_uint(value, settings.mtu);
        break;
    case kPropertyGroupTimeout:
        g_value_set_uint(value, settings.group_timeout_ms);
        break;
    case kPropertyKeyFrameTimeout:
        g_value_set_uint(value, settings.key_frame_timeout_ms);
        break;
    case kPropertySwallowEos:
        g_value_set_boolean(value, settings.swallow_eos ? TRUE : FALSE);
        break;
    default:
        get_counter(self, id, value, spec);
        break;
    }
}

void on_finalize(GObject* self) noexcept {
    destroy_private<RelayPay>(&part(self));
    G_OBJECT_CLASS(rtprelaypay_parent_class)->finalize(self);
}

constexpr auto kReadWrite =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
constexpr auto kReadOnly = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

void install_stream_properties(GObjectClass* object_class) {
    g_object_class_install_property(
        object_class, kPropertyCaps,
        g_param_spec_boxed(
            "caps", "Caps",
            "Output caps that are known before the back end is connected "
            "(application/x-rtp, fixed, as from its SDP; others are ignored). With them the "
            "element prerolls by itself and later input caps only tell the back end's payload "
            "type; without, "
            "the input caps are taken over",
            GST_TYPE_CAPS, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertySsrc,
        g_param_spec_int64(
            "ssrc", "SSRC",
            "SSRC of the outgoing stream; -1 keeps the one of the back end's first packet", -1,
            G_MAXUINT32, -1, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertySequenceOffset,
        g_param_spec_int("seqnum-offset", "First sequence number",
                         "Sequence number of the first packet; -1 keeps the back end's", -1,
                         G_MAXUINT16, -1, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyTimestampOffset,
        g_param_spec_int64("timestamp-offset", "First timestamp",
                           "RTP timestamp of the first packet; -1 keeps the back end's", -1,
                           G_MAXUINT32, -1, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyPayloadType,
        g_param_spec_uint("pt", "Payload type",
                          "Payload type of the outgoing stream; as in the caps unless set", 0, 127,
                          96, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyMtu,
        g_param_spec_uint(
            "mtu", "MTU",
            "Kept for servers that set it; packets leave in the size in which they came", 28,
            G_MAXUINT, 1400, kReadWrite));
}

void install_behaviour_properties(GObjectClass* object_class) {
    g_object_class_install_property(
        object_class, kPropertyGroupTimeout,
        g_param_spec_uint(
            "group-timeout", "Group timeout",
            "Longest time in milliseconds that a packet waits for the rest of its access "
            "unit, looked at as packets arrive; 0 pushes each packet by itself",
            0, 1000, 5, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertyKeyFrameTimeout,
        g_param_spec_uint(
            "key-frame-timeout", "Key frame timeout",
            "After the back end was connected again, packets are dropped until a key frame, "
            "for at most so many milliseconds; only for codecs whose key frames are known "
            "(H.264, H.265), and not if the back end sent none for as long before; 0 drops "
            "nothing",
            0, 600000, 10000, kReadWrite));
    g_object_class_install_property(
        object_class, kPropertySwallowEos,
        g_param_spec_boolean(
            "swallow-eos", "Swallow end of stream",
            "Whether the stream outlives an end of stream from upstream; set it to false "
            "for gst-launch-1.0 -e",
            TRUE, kReadWrite));
    g_object_class_install_property(object_class, kPropertySequence,
                                    g_param_spec_uint("seqnum", "Sequence number",
                                                      "Sequence number of the next packet", 0,
                                                      G_MAXUINT16, 0, kReadOnly));
    g_object_class_install_property(object_class, kPropertyTimestamp,
                                    g_param_spec_uint("timestamp", "Timestamp",
                                                      "Highest RTP timestamp that was sent", 0,
                                                      G_MAXUINT32, 0, kReadOnly));
    g_object_class_install_property(
        object_class, kPropertyStats,
        g_param_spec_boxed(
            "stats", "Statistics",
            "clock-rate, seqnum, seqnum-offset (the next one), timestamp, ssrc, pt; counters since "
            "the "
            "element was made: packets, bytes, access-units, sources (streams that began "
            "upstream), "
            "discontinuities (changes of SSRC or clock without a new stream), dropped-malformed "
            "(not RTP), "
            "dropped-preroll (came before the stream was opened), dropped-waiting (before a key "
            "frame), "
            "dropped-flow (refused downstream); last-arrival (monotonic microseconds, 0: none "
            "yet); "
            "clock-valid (boolean), and if so clock-ntp (units of 2^-32 s since 1900) and "
            "clock-rtp "
            "(outgoing RTP timestamp), which mean the same moment by the back end's newest sender "
            "report",
            GST_TYPE_STRUCTURE, kReadOnly));
}

} // namespace

static void rtprelaypay_class_init(RtpRelayPayClass* klass) {
    GST_DEBUG_CATEGORY_INIT(rtprelaypay_debug, "rtprelaypay", 0, "Relays RTP packets untouched");
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = on_set_property;
    object_class->get_property = on_get_property;
    object_class->finalize = on_finalize;
    install_stream_properties(object_class);
    install_behaviour_properties(object_class);

    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = on_change_state;
    element_class->send_event = on_send_event;
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &source_template);
    gst_element_class_set_static_metadata(element_class, "RTP relay payloader",
                                          "Codec/Payloader/Network/RTP",
                                          "Relays the RTP packets of a back end untouched, in "
                                          "lists of one access unit, as one unbroken "
                                          "stream across reconnects",
                                          "gst-rtsp-proxy");
}

static void rtprelaypay_init(RtpRelayPay* self) {
    GstPad* sink = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(sink, on_chain);
    gst_pad_set_chain_list_function(sink, on_chain_list);
    gst_pad_set_event_function(sink, on_sink_event);
    gst_pad_set_query_function(sink, on_sink_query);
    gst_element_add_pad(GST_ELEMENT(self), sink);

    GstPad* source = gst_pad_new_from_static_template(&source_template, "src");
    gst_pad_set_event_function(source, on_source_event);
    gst_pad_set_query_function(source, on_source_query);
    gst_pad_use_fixed_caps(source);
    gst_element_add_pad(GST_ELEMENT(self), source);

    construct_private<RelayPay>(rtprelaypay_get_instance_private(self), GST_ELEMENT(self), source);
}

} // namespace rtspproxy::relay
