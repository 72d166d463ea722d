#include "tests/support/rtp_source.hpp"

#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"
#include "tests/support/rtp_source_packet.hpp"

#include <gst/gst.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

namespace {

using rtspproxy::Ref;
using rtspproxy::tests::make_packet;
using rtspproxy::tests::PacketShape;
using Clock = std::chrono::steady_clock;

enum Property : guint {
    kPropCaps = 1,
    kPropPayloadType,
    kPropInterval,
    kPropBurst,
    kPropDelay,
    kPropPlain,
    kPropMtu,
    kPropSequence,
    kPropTimestamp,
    kPropSequenceOffset,
};

// What the element does; its own thread is that of the pad's task.
class RtpSource {
  public:
    explicit RtpSource(GstElement* element) : element_(element) {
        shape_.burst = 3;
        shape_.ssrc = g_random_int();
        // Both begin anew (RFC 3550 §5.1) soon after the start.
        shape_.first_timestamp = 0xFFFFFFFFU - 20000;
        shape_.first_sequence = 0xFFFF - 20;
    }

    void set_pad(GstPad* pad) { pad_ = pad; }
    void set_playing(bool playing) {
        const std::lock_guard guard(mutex_);
        playing_ = playing;
        changed_.notify_all();
    }
    void set_stopping(bool stopping) {
        const std::lock_guard guard(mutex_);
        stopping_ = stopping;
        changed_.notify_all();
    }
    void rewind() { started_ = false; }
    void loop();
    void get(guint id, GValue* value);
    void set(guint id, const GValue* value);

  private:
    // False: the pad is being deactivated.
    bool wait_until(Clock::time_point due);
    void start();
    GstBuffer* next_packet();

    GstElement* element_;
    GstPad* pad_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool playing_ = false;
    bool stopping_ = false;

    Ref<GstCaps> caps_;
    PacketShape shape_;
    std::chrono::milliseconds interval_{40};
    std::chrono::milliseconds delay_{0};
    std::atomic<std::uint64_t> number_{0};
    bool started_ = false;
    Clock::time_point due_;
};

bool RtpSource::wait_until(Clock::time_point due) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return playing_ || stopping_; });
    changed_.wait_until(lock, due, [this] { return stopping_; });
    return !stopping_;
}

void RtpSource::start() {
    started_ = true;
    due_ = Clock::now();
    int clock_rate = 90000;
    gst_structure_get_int(gst_caps_get_structure(caps_.get(), 0), "clock-rate", &clock_rate);
    shape_.timestamp_step = static_cast<std::uint32_t>(clock_rate * interval_.count() / 1000);
    const auto id = std::to_string(shape_.ssrc);
    gst_pad_push_event(pad_, gst_event_new_stream_start(id.c_str()));
    auto caps = Ref<GstCaps>::adopt(gst_caps_copy(caps_.get()));
    gst_caps_set_simple(caps.get(), "payload", G_TYPE_INT, int{shape_.payload_type}, "ssrc",
                        G_TYPE_UINT, shape_.ssrc, nullptr);
    gst_pad_push_event(pad_, gst_event_new_caps(caps.get()));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad_, gst_event_new_segment(&segment));
    if (delay_.count() == 0)
        return;
    // Says that the track is there although nothing comes.
    gst_pad_push_event(pad_, gst_event_new_gap(0, GST_CLOCK_TIME_NONE));
    due_ += delay_;
}

GstBuffer* RtpSource::next_packet() {
    const auto bytes = make_packet(shape_, number_++);
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer) = gst_element_get_current_running_time(element_);
    return buffer;
}

void RtpSource::loop() {
    if (!wait_until(due_)) {
        gst_pad_pause_task(pad_);
        return;
    }
    if (!started_)
        start();
    if (due_ > Clock::now())
        return;
    GstBufferList* list = gst_buffer_list_new();
    for (std::uint32_t index = 0; index < shape_.burst; ++index)
        gst_buffer_list_add(list, next_packet());
    // Not in bursts after having been blocked.
    due_ = std::max(due_ + interval_, Clock::now());
    if (gst_pad_push_list(pad_, list) != GST_FLOW_OK)
        gst_pad_pause_task(pad_);
}

void RtpSource::get(guint id, GValue* value) {
    const std::uint64_t number = number_;
    switch (id) {
    case kPropCaps:
        gst_value_set_caps(value, caps_.get());
        break;
    case kPropPayloadType:
        g_value_set_uint(value, shape_.payload_type);
        break;
    case kPropInterval:
        g_value_set_uint(value, static_cast<guint>(interval_.count()));
        break;
    case kPropBurst:
        g_value_set_uint(value, shape_.burst);
        break;
    case kPropDelay:
        g_value_set_uint(value, static_cast<guint>(delay_.count()));
        break;
    case kPropPlain:
        g_value_set_boolean(value, static_cast<gboolean>(shape_.plain));
        break;
    case kPropMtu:
        g_value_set_uint(value, 1400);
        break;
    case kPropSequence:
        g_value_set_uint(value, static_cast<std::uint16_t>(shape_.first_sequence + number));
        break;
    case kPropTimestamp:
        g_value_set_uint(value, static_cast<guint>(shape_.first_timestamp +
                                                   number / shape_.burst * shape_.timestamp_step));
        break;
    default:
        g_value_set_int(value, -1);
        break;
    }
}

void RtpSource::set(guint id, const GValue* value) {
    switch (id) {
    case kPropCaps:
        caps_ = Ref<GstCaps>::share(const_cast<GstCaps*>(gst_value_get_caps(value)));
        break;
    case kPropPayloadType:
        shape_.payload_type = static_cast<std::uint8_t>(g_value_get_uint(value));
        break;
    case kPropInterval:
        interval_ = std::chrono::milliseconds(g_value_get_uint(value));
        break;
    case kPropBurst:
        shape_.burst = g_value_get_uint(value);
        break;
    case kPropDelay:
        delay_ = std::chrono::milliseconds(g_value_get_uint(value));
        break;
    case kPropPlain:
        shape_.plain = g_value_get_boolean(value) != FALSE;
        break;
    default:
        break;
    }
}

struct TestRtpSrc {
    GstElement parent;
};
struct TestRtpSrcClass {
    GstElementClass parent_class;
};

using TestRtpSrcPrivate = RtpSource;

G_GNUC_BEGIN_IGNORE_DEPRECATIONS
G_DEFINE_TYPE_WITH_PRIVATE(TestRtpSrc, test_rtp_src, GST_TYPE_ELEMENT)
G_GNUC_END_IGNORE_DEPRECATIONS

RtpSource& impl(gpointer object) {
    return *static_cast<RtpSource*>(
        test_rtp_src_get_instance_private(static_cast<TestRtpSrc*>(object)));
}

gboolean activate(GstPad* pad, GstObject* parent, GstPadMode /*mode*/, gboolean active) noexcept {
    impl(parent).set_stopping(active == FALSE);
    if (active == FALSE)
        return gst_pad_stop_task(pad);
    impl(parent).rewind();
    return gst_pad_start_task(
        pad, [](gpointer element) { impl(element).loop(); }, parent, nullptr);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) noexcept {
    if (change == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
        impl(element).set_playing(true);
    if (change == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
        impl(element).set_playing(false);
    const auto result = GST_ELEMENT_CLASS(test_rtp_src_parent_class)->change_state(element, change);
    const bool live =
        change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    return live && result == GST_STATE_CHANGE_SUCCESS ? GST_STATE_CHANGE_NO_PREROLL : result;
}

void finalize(GObject* object) noexcept {
    rtspproxy::destroy_private<RtpSource>(&impl(object));
    G_OBJECT_CLASS(test_rtp_src_parent_class)->finalize(object);
}

void install(GObjectClass* klass, guint id, const char* name, guint maximum, guint initial) {
    g_object_class_install_property(
        klass, id,
        g_param_spec_uint(name, name, name, 0, maximum, initial,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

void install_flag(GObjectClass* klass, guint id, const char* name) {
    g_object_class_install_property(
        klass, id,
        g_param_spec_boolean(name, name, name, FALSE,
                             static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

void install_properties(GObjectClass* klass) {
    klass->get_property = [](GObject* object, guint id, GValue* value, GParamSpec*) {
        impl(object).get(id, value);
    };
    klass->set_property = [](GObject* object, guint id, const GValue* value, GParamSpec*) {
        impl(object).set(id, value);
    };
    g_object_class_install_property(
        klass, kPropCaps,
        g_param_spec_boxed("caps", "caps", "caps", GST_TYPE_CAPS,
                           static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
    install(klass, kPropPayloadType, "pt", 127, 96);
    install(klass, kPropInterval, "interval", 60000, 40);
    install(klass, kPropBurst, "burst", 100, 3);
    install(klass, kPropDelay, "delay", G_MAXINT, 0);
    install_flag(klass, kPropPlain, "plain");
    // What gst-rtsp-server asks of every payloader.
    install(klass, kPropMtu, "mtu", 65535, 1400);
    install(klass, kPropSequence, "seqnum", 65535, 0);
    install(klass, kPropTimestamp, "timestamp", G_MAXUINT, 0);
    g_object_class_install_property(
        klass, kPropSequenceOffset,
        g_param_spec_int("seqnum-offset", "seqnum-offset", "seqnum-offset", -1, 65535, -1,
                         static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

void test_rtp_src_class_init(TestRtpSrcClass* klass) {
    G_OBJECT_CLASS(klass)->finalize = finalize;
    install_properties(G_OBJECT_CLASS(klass));
    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    gst_element_class_set_static_metadata(element_class, "Test RTP source",
                                          "Source/Codec/Payloader/Network/RTP",
                                          "Sends ready-made RTP packets", "gst-rtsp-proxy");
    static GstStaticPadTemplate source = GST_STATIC_PAD_TEMPLATE(
        "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));
    gst_element_class_add_static_pad_template(element_class, &source);
}

void test_rtp_src_init(TestRtpSrc* self) {
    auto* element = GST_ELEMENT(self);
    rtspproxy::construct_private<RtpSource>(test_rtp_src_get_instance_private(self), element);
    GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SOURCE);
    GstPadTemplate* pad_template =
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), "src");
    GstPad* pad = gst_pad_new_from_template(pad_template, "src");
    gst_pad_use_fixed_caps(pad);
    gst_pad_set_activatemode_function(pad, activate);
    gst_element_add_pad(element, pad);
    impl(self).set_pad(pad);
}

} // namespace

namespace rtspproxy::tests {

void register_rtp_source() {
    gst_element_register(nullptr, "testrtpsrc", GST_RANK_NONE, test_rtp_src_get_type());
}

} // namespace rtspproxy::tests
