#include "plugins/relay/rtprelaybuffer.hpp"

#include "plugins/relay/report_event.hpp"

#include "plugins/rtp/packet.hpp"
#include "plugins/rtp/reorder.hpp"
#include "plugins/rtp/sender_report.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <utility>

GST_DEBUG_CATEGORY_STATIC(rtprelaybuffer_debug);
#define GST_CAT_DEFAULT rtprelaybuffer_debug

namespace rtspproxy::relay {
namespace {

enum Property : guint { kPropertyLatency = 1, kPropertyStats };

constexpr guint kDefaultLatency = 20; // milliseconds
constexpr guint kMaxLatency = 10000;

// Every method runs in the streaming thread, under the sink pad's stream lock, unless it says
// otherwise.
class RelayBuffer {
  public:
    explicit RelayBuffer(GstPad* source_pad) : source_pad_(source_pad) {}

    // any thread
    void set_latency(guint milliseconds) { latency_ms_.store(milliseconds); }
    [[nodiscard]] guint latency() const { return latency_ms_.load(); }
    [[nodiscard]] StructurePtr stats() const {
        return StructurePtr(gst_structure_new(
            "application/x-rtprelaybuffer-stats", "num-lost", G_TYPE_UINT64, lost_.load(),
            "num-reordered", G_TYPE_UINT64, reordered_.load(), "num-dropped", G_TYPE_UINT64,
            dropped_.load(), "num-malformed", G_TYPE_UINT64, malformed_.load(), nullptr));
    }

    // The thread that brings RTCP, which with UDP is not the streaming thread. What it brings goes
    // downstream behind the next packet, in the streaming thread: there may be nobody there before
    // the first one, and nothing waits for a stream that is blocked.
    void take_rtcp(GstBuffer* compound);

    // streaming thread
    GstFlowReturn chain(Ref<GstBuffer> buffer);
    void flush() {
        queue_.flush([this](Ref<GstBuffer>&& buffer) { emit(std::move(buffer)); });
        publish();
    }
    void clear() { queue_.clear(); }
    void forget_report() { report_.lock()->reset(); }

  private:
    void emit(Ref<GstBuffer>&& buffer) { flow_ = gst_pad_push(source_pad_, buffer.release()); }
    void publish();
    void push_report();

    GstPad* const source_pad_; // lives as long as the element
    rtp::ReorderQueue<Ref<GstBuffer>> queue_{kDefaultLatency * GST_MSECOND};
    GstFlowReturn flow_ = GST_FLOW_OK;

    Guarded<std::optional<rtp::SenderReport>> report_; // the newest, until it is pushed
    std::atomic<bool> has_report_{false};
    std::atomic<guint> latency_ms_{kDefaultLatency};
    std::atomic<guint64> lost_{0}, reordered_{0}, dropped_{0}, malformed_{0};
};

GstFlowReturn RelayBuffer::chain(Ref<GstBuffer> buffer) {
    std::array<std::uint8_t, rtp::kFixedHeaderSize> header{};
    if (gst_buffer_extract(buffer.get(), 0, header.data(), header.size()) != header.size() ||
        header[0] >> 6 != 2) {
        malformed_.fetch_add(1, std::memory_order_relaxed);
        return GST_FLOW_OK;
    }
    flow_ = GST_FLOW_OK;
    queue_.set_latency(latency_ms_.load(std::memory_order_relaxed) * GST_MSECOND);
    queue_.push(rtp::read_u16(header, 2), monotonic_now(), std::move(buffer),
                [this](Ref<GstBuffer>&& next) { emit(std::move(next)); });
    publish();
    if (has_report_.load(std::memory_order_acquire))
        push_report();
    return flow_;
}

void RelayBuffer::take_rtcp(GstBuffer* compound) {
    GstMapInfo map;
    if (!gst_buffer_map(compound, &map, GST_MAP_READ))
        return;
    const auto report = rtp::find_sender_report({map.data, map.size});
    gst_buffer_unmap(compound, &map);
    if (!report)
        return;
    *report_.lock() = report;
    has_report_.store(true, std::memory_order_release);
}

void RelayBuffer::push_report() {
    has_report_.store(false);
    if (const auto report = std::exchange(*report_.lock(), std::nullopt))
        gst_pad_push_event(source_pad_, make_report_event(*report).release());
}

void RelayBuffer::publish() {
    const auto& counters = queue_.counters();
    lost_.store(counters.lost, std::memory_order_relaxed);
    reordered_.store(counters.reordered, std::memory_order_relaxed);
    dropped_.store(counters.dropped, std::memory_order_relaxed);
}

} // namespace

struct RtpRelayBuffer {
    GstElement parent;
};
struct RtpRelayBufferClass {
    GstElementClass parent_class;
};
using RtpRelayBufferPrivate = RelayBuffer;

G_DEFINE_TYPE_WITH_PRIVATE(RtpRelayBuffer, rtprelaybuffer, GST_TYPE_ELEMENT)

namespace {

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                                                             GST_STATIC_CAPS("application/x-rtp"));
GstStaticPadTemplate source_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));
GstStaticPadTemplate rtcp_template = GST_STATIC_PAD_TEMPLATE(
    "sink_rtcp", GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS("application/x-rtcp"));

RelayBuffer& part(gpointer self) {
    return *static_cast<RelayBuffer*>(
        rtprelaybuffer_get_instance_private(static_cast<RtpRelayBuffer*>(self)));
}

GstFlowReturn on_chain(GstPad*, GstObject* self, GstBuffer* buffer) noexcept {
    return part(self).chain(Ref<GstBuffer>::adopt(buffer));
}

gboolean on_sink_event(GstPad* pad, GstObject* self, GstEvent* event) noexcept {
    switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START: // another source, which counts for itself
        part(self).flush();
        part(self).clear();
        break;
    case GST_EVENT_EOS:
    case GST_EVENT_CAPS:
        part(self).flush();
        break;
    case GST_EVENT_FLUSH_STOP:
        part(self).clear();
        break;
    default:
        break;
    }
    return gst_pad_event_default(pad, self, event);
}

// Reports end here: rtpbin reads what it needs of them before this element. What they say of time
// is passed on as an event.
GstFlowReturn on_rtcp_chain(GstPad*, GstObject* self, GstBuffer* buffer) noexcept {
    const auto owned = Ref<GstBuffer>::adopt(buffer);
    part(self).take_rtcp(buffer);
    return GST_FLOW_OK;
}
gboolean on_rtcp_event(GstPad*, GstObject*, GstEvent* event) noexcept {
    const auto owned = Ref<GstEvent>::adopt(event);
    return TRUE;
}

GstPad* on_request_pad(GstElement* self, GstPadTemplate* pad_template, const char*,
                       const GstCaps*) noexcept {
    const auto existing = Ref<GstPad>::adopt(gst_element_get_static_pad(self, "sink_rtcp"));
    if (existing)
        return nullptr;
    GstPad* pad = gst_pad_new_from_template(pad_template, "sink_rtcp");
    gst_pad_set_chain_function(pad, on_rtcp_chain);
    gst_pad_set_event_function(pad, on_rtcp_event);
    gst_pad_set_active(pad, TRUE);
    gst_element_add_pad(self, pad);
    return pad;
}
void on_release_pad(GstElement* self, GstPad* pad) noexcept {
    gst_pad_set_active(pad, FALSE);
    gst_element_remove_pad(self, pad);
}

GstStateChangeReturn on_change_state(GstElement* self, GstStateChange transition) noexcept {
    const GstStateChangeReturn result =
        GST_ELEMENT_CLASS(rtprelaybuffer_parent_class)->change_state(self, transition);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) { // pads are inactive: nobody streams
        part(self).clear();
        part(self).forget_report();
    }
    return result;
}

void on_set_property(GObject* self, guint id, const GValue* value, GParamSpec* spec) noexcept {
    if (id == kPropertyLatency)
        part(self).set_latency(g_value_get_uint(value));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
}

void on_get_property(GObject* self, guint id, GValue* value, GParamSpec* spec) noexcept {
    if (id == kPropertyLatency)
        g_value_set_uint(value, part(self).latency());
    else if (id == kPropertyStats)
        g_value_take_boxed(value, part(self).stats().release());
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, spec);
}

void on_finalize(GObject* self) noexcept {
    destroy_private<RelayBuffer>(&part(self));
    G_OBJECT_CLASS(rtprelaybuffer_parent_class)->finalize(self);
}

void install_properties(GObjectClass* object_class) {
    g_object_class_install_property(
        object_class, kPropertyLatency,
        g_param_spec_uint(
            "latency", "Latency",
            "Longest time in milliseconds that a gap waits for a late packet; packets in "
            "order are never delayed; 0 passes everything on as it comes",
            0, kMaxLatency, kDefaultLatency,
            static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                     GST_PARAM_MUTABLE_PLAYING)));
    g_object_class_install_property(
        object_class, kPropertyStats,
        g_param_spec_boxed(
            "stats", "Statistics",
            "Counters since the element was made: num-lost (sequence numbers given up), "
            "num-reordered (late but in time), num-dropped (duplicate or too late), "
            "num-malformed (not RTP), each a guint64",
            GST_TYPE_STRUCTURE,
            static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

} // namespace

static void rtprelaybuffer_class_init(RtpRelayBufferClass* klass) {
    GST_DEBUG_CATEGORY_INIT(rtprelaybuffer_debug, "rtprelaybuffer", 0,
                            "Jitter buffer without threads");
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = on_set_property;
    object_class->get_property = on_get_property;
    object_class->finalize = on_finalize;
    install_properties(object_class);

    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = on_change_state;
    element_class->request_new_pad = on_request_pad;
    element_class->release_pad = on_release_pad;
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &source_template);
    gst_element_class_add_static_pad_template(element_class, &rtcp_template);
    gst_element_class_set_static_metadata(
        element_class, "RTP relay buffer", "Filter/Network/RTP",
        "Puts late RTP packets back in order without a thread or a timer; packets in order pass at "
        "once. Answers rtpbin's request-jitterbuffer signal",
        "gst-rtsp-proxy");
}

static void rtprelaybuffer_init(RtpRelayBuffer* self) {
    GstPad* sink = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(sink, on_chain);
    gst_pad_set_event_function(sink, on_sink_event);
    GST_PAD_SET_PROXY_CAPS(sink);
    GST_PAD_SET_PROXY_ALLOCATION(sink);
    gst_element_add_pad(GST_ELEMENT(self), sink);

    GstPad* source = gst_pad_new_from_static_template(&source_template, "src");
    GST_PAD_SET_PROXY_CAPS(source);
    gst_element_add_pad(GST_ELEMENT(self), source);

    construct_private<RelayBuffer>(rtprelaybuffer_get_instance_private(self), source);
}

} // namespace rtspproxy::relay
