#include "tests/element/relay/element_fixture.hpp"

#include "plugins/register.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::tests {
namespace {

GstElement* make(const char* factory) {
    [[maybe_unused]] static const bool registered = [] {
        // A critical or a warning of GLib or GStreamer is a defect.
        g_log_set_always_fatal(static_cast<GLogLevelFlags>(
            G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING));
        return register_elements(nullptr);
    }();
    return gst_element_factory_make(factory, nullptr);
}

Group group_of(GstBufferList* list) {
    Group group;
    group.list = true;
    group.writable = GST_MINI_OBJECT_REFCOUNT_VALUE(list) == 1;
    for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
        GstBuffer* buffer = gst_buffer_list_get(list, i);
        group.writable = group.writable && GST_MINI_OBJECT_REFCOUNT_VALUE(buffer) == 1;
        group.packets.push_back(bytes_of(buffer));
        group.times.push_back(GST_BUFFER_PTS(buffer));
        group.decoding_times.push_back(GST_BUFFER_DTS(buffer));
    }
    return group;
}
Group group_of(GstBuffer* buffer) {
    return {false,
            GST_MINI_OBJECT_REFCOUNT_VALUE(buffer) == 1,
            {bytes_of(buffer)},
            {GST_BUFFER_PTS(buffer)},
            {GST_BUFFER_DTS(buffer)}};
}

} // namespace

ElementTest::ElementTest(const char* factory) : element_(Ref<GstElement>::sink(make(factory))) {
    gst_element_set_bus(element_.get(), bus_.get());
}

ElementTest::~ElementTest() {
    harness_.reset();
    gst_element_set_state(element_.get(), GST_STATE_NULL);
    gst_element_set_bus(element_.get(), nullptr);
    gst_bus_set_flushing(bus_.get(), TRUE); // messages hold the element
    // An asynchronous call of the element may take a moment to end.
    EXPECT_TRUE(eventually([this] { return G_OBJECT(element_.get())->ref_count == 1; }));
}

void ElementTest::set(const char* property, const std::string& value) {
    gst_util_set_object_arg(G_OBJECT(element_.get()), property, value.c_str());
}

std::string ElementTest::get(const char* property) {
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element_.get()), property);
    GValue value = G_VALUE_INIT;
    g_value_init(&value, spec->value_type);
    g_object_get_property(G_OBJECT(element_.get()), property, &value);
    const GCharPtr text(gst_value_serialize(&value));
    g_value_unset(&value);
    return text ? text.get() : "nothing";
}

void ElementTest::start(const char* caps) {
    harness_.reset(gst_harness_new_empty());
    static GstStaticPadTemplate source =
        GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
    static GstStaticPadTemplate sink =
        GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
    // Before the harness links its own pad, which must not miss anything.
    const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
    gst_pad_add_probe(
        pad.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM |
                                     GST_PAD_PROBE_TYPE_EVENT_FLUSH),
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
            return static_cast<ElementTest*>(self)->on_output(info);
        },
        this, nullptr);
    gst_harness_add_element_full(harness_.get(), element_.get(), &source, "sink", &sink, "src");
    if (caps != nullptr)
        gst_harness_set_src_caps_str(harness_.get(), caps);
}

GstFlowReturn ElementTest::push(Ref<GstBuffer> buffer) {
    return gst_harness_push(harness_.get(), buffer.release());
}

GstFlowReturn ElementTest::push_list(const std::vector<Packet>& packets) {
    std::vector<Bytes> buffers;
    for (const Packet& packet : packets)
        buffers.push_back(bytes_of(packet));
    return push_buffers(buffers);
}

GstFlowReturn ElementTest::push_buffers(const std::vector<Bytes>& buffers) {
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    for (const Bytes& bytes : buffers)
        gst_buffer_list_add(list.get(), buffer_of(bytes).release());
    return gst_pad_push_list(harness_->srcpad, list.release());
}

bool ElementTest::push_event(GstEvent* owned) {
    return gst_harness_push_event(harness_.get(), owned) != FALSE;
}

GstPadProbeReturn ElementTest::on_output(GstPadProbeInfo* info) {
    record(info);
    const int flow = flow_.load();
    const bool data =
        (info->type & (GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST)) != 0;
    if (!data || flow == kNoFlow)
        return GST_PAD_PROBE_OK;
    gst_mini_object_unref(GST_MINI_OBJECT_CAST(std::exchange(info->data, nullptr)));
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = static_cast<GstFlowReturn>(flow);
    return GST_PAD_PROBE_HANDLED;
}

void ElementTest::record(GstPadProbeInfo* info) {
    auto output = output_.lock();
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0)
        output->groups.push_back(group_of(GST_PAD_PROBE_INFO_BUFFER(info)));
    else if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0)
        output->groups.push_back(group_of(GST_PAD_PROBE_INFO_BUFFER_LIST(info)));
    else
        output->events.push_back(Ref<GstEvent>::share(GST_PAD_PROBE_INFO_EVENT(info)));
    output->log.emplace_back((info->type & GST_PAD_PROBE_TYPE_EVENT_BOTH) != 0
                                 ? GST_EVENT_TYPE_NAME(GST_PAD_PROBE_INFO_EVENT(info))
                                 : "packets");
}

std::vector<std::string> ElementTest::take_log() {
    return std::exchange(output_.lock()->log, {});
}

std::vector<Group> ElementTest::take_groups() {
    return std::exchange(output_.lock()->groups, {});
}

std::vector<Bytes> ElementTest::take_bytes() {
    std::vector<Bytes> all;
    for (const Group& group : take_groups())
        all.insert(all.end(), group.packets.begin(), group.packets.end());
    return all;
}

std::vector<Packet> ElementTest::take() {
    std::vector<Packet> packets;
    for (const Bytes& bytes : take_bytes())
        packets.push_back(packet_of(bytes));
    return packets;
}

std::vector<std::string> ElementTest::take_events() {
    std::vector<std::string> names;
    for (const auto& event : std::exchange(output_.lock()->events, {})) {
        names.emplace_back(GST_EVENT_TYPE_NAME(event.get()));
        all_events_.lock()->push_back(event);
    }
    return names;
}

Ref<GstEvent> ElementTest::last_event(GstEventType type) {
    auto events = *all_events_.lock();
    for (const auto& event : output_.lock()->events)
        events.push_back(event);
    const auto found = std::find_if(events.rbegin(), events.rend(), [type](const auto& event) {
        return GST_EVENT_TYPE(event.get()) == type;
    });
    return found == events.rend() ? Ref<GstEvent>() : *found;
}

std::vector<std::string> ElementTest::take_messages() {
    std::vector<std::string> names;
    while (const auto message =
               Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_.get(), GST_MESSAGE_ELEMENT)))
        names.emplace_back(gst_structure_get_name(gst_message_get_structure(message.get())));
    return names;
}

guint64 ElementTest::stat(const char* name) {
    GstStructure* raw = nullptr;
    g_object_get(element_.get(), "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    const GValue* value = gst_structure_get_value(stats.get(), name);
    if (value == nullptr) {
        ADD_FAILURE() << "no " << name << " in the statistics";
        return 0;
    }
    return G_VALUE_HOLDS_UINT64(value) ? g_value_get_uint64(value) : g_value_get_uint(value);
}

unsigned check_properties(GstElement* element) {
    guint count = 0;
    const std::unique_ptr<GParamSpec*, Deleter<g_free>> specs(
        g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count));
    unsigned checked = 0;
    for (guint i = 0; i < count; ++i) {
        GParamSpec* spec = specs.get()[i];
        if (spec->owner_type != G_OBJECT_TYPE(element))
            continue;
        ++checked;
        EXPECT_GE(std::string(g_param_spec_get_blurb(spec)).size(), 15U) << spec->name;
        if ((spec->flags & G_PARAM_WRITABLE) == 0)
            continue;
        const char* value = spec->value_type == G_TYPE_BOOLEAN ? "false"
                            : spec->value_type == GST_TYPE_CAPS
                                ? "application/x-rtp, media=(string)video"
                                : "100";
        gst_util_set_object_arg(G_OBJECT(element), spec->name, value);
        GValue read = G_VALUE_INIT;
        g_value_init(&read, spec->value_type);
        g_object_get_property(G_OBJECT(element), spec->name, &read);
        const GCharPtr text(spec->value_type == GST_TYPE_CAPS
                                ? gst_caps_to_string(gst_value_get_caps(&read))
                                : gst_value_serialize(&read));
        EXPECT_STREQ(text.get(), value) << spec->name;
        g_value_unset(&read);
    }
    return checked;
}

} // namespace rtspproxy::tests
