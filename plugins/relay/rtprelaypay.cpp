#include "plugins/relay/rtprelaypay.hpp"

#include "plugins/relay/relay_pay.hpp"
#include "plugins/relay/relay_pay_properties.hpp"
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

GstFlowReturn on_chain_list(GstPad*, GstObject* self, GstBufferList* list) noexcept {
    return part(self).chain_list(Ref<GstBufferList>::adopt(list));
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

// A latency answer would make a server add its processing deadline (20 ms) to every packet. Seeking
// is answered, with a no: gst-rtsp-server warns of a stream that does not say.
gboolean on_source_query(GstPad* pad, GstObject* self, GstQuery* query) noexcept {
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY)
        return FALSE;
    if (GST_QUERY_TYPE(query) == GST_QUERY_SEEKING) {
        GstFormat format = GST_FORMAT_TIME;
        gst_query_parse_seeking(query, &format, nullptr, nullptr, nullptr);
        gst_query_set_seeking(query, format, FALSE, 0, -1);
        return TRUE;
    }
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

void on_set_property(GObject* self, guint id, const GValue* value, GParamSpec* spec) noexcept {
    if (!set_property(part(self), self, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
}

void on_get_property(GObject* self, guint id, GValue* value, GParamSpec* spec) noexcept {
    if (!get_property(part(self), id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
}

void on_finalize(GObject* self) noexcept {
    destroy_private<RelayPay>(&part(self));
    G_OBJECT_CLASS(rtprelaypay_parent_class)->finalize(self);
}

} // namespace

static void rtprelaypay_class_init(RtpRelayPayClass* klass) {
    GST_DEBUG_CATEGORY_INIT(rtprelaypay_debug, "rtprelaypay", 0, "Relays RTP packets untouched");
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = on_set_property;
    object_class->get_property = on_get_property;
    object_class->finalize = on_finalize;
    install_properties(object_class);

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
