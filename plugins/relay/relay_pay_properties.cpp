#include "plugins/relay/relay_pay_properties.hpp"

#include "plugins/relay/relay_pay.hpp"

#include <optional>

GST_DEBUG_CATEGORY_EXTERN(rtprelaypay_debug);
#define GST_CAT_DEFAULT rtprelaypay_debug

namespace rtspproxy::relay {
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
    kPropertyCleanStart,
    kPropertySequence,
    kPropertyTimestamp,
    kPropertyStats,
};

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

bool get_counter(RelayPay& pay, guint id, GValue* value) {
    switch (id) {
    case kPropertyPayloadType:
        g_value_set_uint(value, pay.payload_type());
        break;
    case kPropertySequence:
        g_value_set_uint(value, pay.next_sequence());
        break;
    case kPropertyTimestamp:
        g_value_set_uint(value, pay.next_timestamp());
        break;
    case kPropertyStats:
        g_value_take_boxed(value, pay.stats().release());
        break;
    default:
        return false;
    }
    return true;
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
            "element prerolls by itself and later input caps only tell what the back end calls "
            "the same encoding; without, "
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
            "unit, looked at as packets arrive; 0 pushes them as they come",
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
    g_object_class_install_property(
        object_class, kPropertyCleanStart,
        g_param_spec_boolean(
            "clean-start", "Clean start",
            "Whether the stream begins where a viewer can begin, too: with a key frame, for which "
            "key-frame-timeout counts as well; what comes before the stream was opened is kept "
            "for then, of such video from the last key frame on, of anything else the newest "
            "second",
            FALSE, kReadWrite));
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

bool set_property(RelayPay& pay, GObject* self, guint id, const GValue* value) {
    auto settings = pay.settings().lock();
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
    case kPropertyCleanStart:
        settings->clean_start = g_value_get_boolean(value) != FALSE;
        break;
    default:
        return false;
    }
    return true;
}

bool get_property(RelayPay& pay, guint id, GValue* value) {
    const RelayPaySettings settings = *pay.settings().lock();
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
    case kPropertyCleanStart:
        g_value_set_boolean(value, settings.clean_start ? TRUE : FALSE);
        break;
    default:
        return get_counter(pay, id, value);
    }
    return true;
}

void install_properties(GObjectClass* object_class) {
    install_stream_properties(object_class);
    install_behaviour_properties(object_class);
}

} // namespace rtspproxy::relay
