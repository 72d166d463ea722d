#include "tests/element/fanout/sink_fixture.hpp"

#include "plugins/register.hpp"

#include <utility>

namespace rtspproxy::tests {

Ref<GstElement> make_element(const char* factory) {
    [[maybe_unused]] static const bool registered = [] {
        // A critical or a warning of GLib or GStreamer is a defect.
        g_log_set_always_fatal(static_cast<GLogLevelFlags>(
            G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING));
        return register_elements(nullptr);
    }();
    return Ref<GstElement>::sink(gst_element_factory_make(factory, nullptr));
}

Bytes packet(std::uint16_t sequence, std::size_t size) {
    Bytes bytes(size, static_cast<std::uint8_t>(sequence));
    bytes[0] = 0x80;
    bytes[1] = 96;
    bytes[2] = static_cast<std::uint8_t>(sequence >> 8);
    bytes[3] = static_cast<std::uint8_t>(sequence);
    return bytes;
}
std::uint16_t sequence_of(const Bytes& packet) {
    return static_cast<std::uint16_t>(packet[2] << 8 | packet[3]);
}
Ref<GstBuffer> buffer_of(const Bytes& bytes) {
    return Ref<GstBuffer>::adopt(gst_buffer_new_memdup(bytes.data(), bytes.size()));
}
Ref<GstBufferList> list_of(const Datagrams& packets) {
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    for (const Bytes& bytes : packets)
        gst_buffer_list_add(list.get(), buffer_of(bytes).release());
    return list;
}

SinkTest::SinkTest(const char* factory) : element_(make_element(factory)) {
    gst_element_set_bus(element(), bus_.get());
    set("sync", FALSE);
    set("async", FALSE);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "sink"));
    gst_pad_link(source_.get(), sink.get());
    gst_pad_set_active(source_.get(), TRUE);
    gst_pad_push_event(source_.get(), gst_event_new_stream_start("test"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
}

SinkTest::~SinkTest() {
    set_state(GST_STATE_NULL);
    EXPECT_EQ(take_complaints(), std::vector<std::string>{});
    gst_element_set_bus(element(), nullptr);
    gst_bus_set_flushing(bus_.get(), TRUE); // messages hold the element
    EXPECT_EQ(G_OBJECT(element())->ref_count, 1U);
}

GstStateChangeReturn SinkTest::set_state(GstState state) {
    return gst_element_set_state(element(), state);
}
GstFlowReturn SinkTest::push(const Bytes& packet) {
    return gst_pad_push(source_.get(), buffer_of(packet).release());
}
GstFlowReturn SinkTest::push_list(const Datagrams& packets) {
    return push_list(list_of(packets));
}
GstFlowReturn SinkTest::push_list(Ref<GstBufferList> list) {
    return gst_pad_push_list(source_.get(), list.release());
}

void SinkTest::burst(const UdpReceiver& to, const Datagrams& packets, int next) {
    const auto list = list_of(packets);
    g_signal_emit_by_name(element(), "burst-client", to.host().c_str(), to.port(), list.get(),
                          next);
}

guint64 SinkTest::stat(const char* name) {
    const StructurePtr stats(get<GstStructure*>("stats"));
    guint64 value = 0;
    guint small = 0;
    if (gst_structure_get_uint(stats.get(), name, &small))
        return small;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), name, &value)) << name;
    return value;
}
bool SinkTest::uses_gso() {
    const StructurePtr stats(get<GstStructure*>("stats"));
    gboolean value = FALSE;
    EXPECT_TRUE(gst_structure_get_boolean(stats.get(), "gso", &value));
    return value != FALSE;
}
StructurePtr SinkTest::stats_of(const UdpReceiver& client) {
    GstStructure* stats = nullptr;
    g_signal_emit_by_name(element(), "get-stats", client.host().c_str(), client.port(), &stats);
    return StructurePtr(stats);
}

std::vector<std::string> SinkTest::take_news() {
    take_messages();
    return std::exchange(news_, {});
}
std::vector<std::string> SinkTest::take_complaints() {
    take_messages();
    return std::exchange(complaints_, {});
}
void SinkTest::take_messages() {
    while (const auto message = Ref<GstMessage>::adopt(gst_bus_pop(bus_.get()))) {
        const GstMessageType type = GST_MESSAGE_TYPE(message.get());
        if (type == GST_MESSAGE_ERROR || type == GST_MESSAGE_WARNING)
            complaints_.emplace_back(gst_message_type_get_name(type));
        const GstStructure* structure = gst_message_get_structure(message.get());
        gboolean gso = FALSE;
        if (type == GST_MESSAGE_ELEMENT && gst_structure_has_name(structure, "udp-fan-out") &&
            gst_structure_get_boolean(structure, "gso", &gso))
            news_.emplace_back(gso != FALSE ? "gso" : "plain");
    }
}

} // namespace rtspproxy::tests
