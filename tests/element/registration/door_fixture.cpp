#include "tests/element/registration/door_fixture.hpp"

#include "plugins/registration/rtspregister.hpp"
#include "plugins/support/deleter.hpp"

namespace rtspproxy::tests {

namespace {

std::optional<std::string> optional_string(const char* text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

} // namespace

// The handlers run in the element's thread.
struct DoorHandlers {
    static gboolean connection(GstElement*, GSocket* socket, const char* initial,
                               const char* address, guint port, DoorTest* test) {
        EXPECT_EQ(initial, nullptr);
        test->calls_.lock()->push_back({.signal = "connection",
                                        .url = {},
                                        .suffix = {},
                                        .socket = Ref<GSocket>::share(socket),
                                        .address = address,
                                        .port = port});
        return TRUE;
    }
    static guint registered(GstElement*, const char* url, const char* suffix, gboolean interleaved,
                            GSocket* socket, const char* address, DoorTest* test) {
        test->calls_.lock()->push_back({.signal = "register",
                                        .url = url,
                                        .suffix = optional_string(suffix),
                                        .interleaved = interleaved != FALSE,
                                        .socket = Ref<GSocket>::share(socket),
                                        .address = address});
        return test->status_;
    }
    static guint deregistered(GstElement*, const char* url, const char* suffix, const char* address,
                              DoorTest* test) {
        test->calls_.lock()->push_back({.signal = "deregister",
                                        .url = url,
                                        .suffix = optional_string(suffix),
                                        .socket = {},
                                        .address = address});
        return test->status_;
    }
    static void reuse(GstElement*, GSocket* socket, const char* url, const char* suffix,
                      const char* address, DoorTest* test) {
        test->calls_.lock()->push_back({.signal = "reuse",
                                        .url = url,
                                        .suffix = optional_string(suffix),
                                        .socket = Ref<GSocket>::share(socket),
                                        .address = address});
    }
};

DoorTest::DoorTest()
    : element_(Ref<GstElement>::sink(GST_ELEMENT(g_object_new(
          registration::rtspregister_get_type(), "address", "127.0.0.1", "port", 0U, nullptr)))),
      bus_(Ref<GstBus>::adopt(gst_bus_new())) {
    gst_element_set_bus(element_.get(), bus_.get());
}

DoorTest::~DoorTest() {
    close();
    connections_.clear();
    gst_element_set_bus(element_.get(), nullptr);
}

bool DoorTest::open() {
    return gst_element_set_state(element_.get(), GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS;
}

void DoorTest::close() {
    gst_element_set_state(element_.get(), GST_STATE_NULL);
}

void DoorTest::handle_registrations() {
    connections_.emplace_back(element_.get(), "register", G_CALLBACK(DoorHandlers::registered),
                              this);
    connections_.emplace_back(element_.get(), "deregister", G_CALLBACK(DoorHandlers::deregistered),
                              this);
    connections_.emplace_back(element_.get(), "reuse", G_CALLBACK(DoorHandlers::reuse), this);
}

void DoorTest::handle_connections() {
    connections_.emplace_back(element_.get(), "connection", G_CALLBACK(DoorHandlers::connection),
                              this);
}

void DoorTest::set(const char* property, const char* value) {
    gst_util_set_object_arg(G_OBJECT(element_.get()), property, value);
}

std::uint16_t DoorTest::bound_port() const {
    guint port = 0;
    g_object_get(element_.get(), "bound-port", &port, nullptr);
    return static_cast<std::uint16_t>(port);
}

std::uint64_t DoorTest::counted(const char* field) const {
    GstStructure* stats = nullptr;
    g_object_get(element_.get(), "stats", &stats, nullptr);
    const StructurePtr owned(stats);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats, field, &value)) << field;
    return value;
}

unsigned DoorTest::ask(const std::string& request) {
    Peer peer(bound_port());
    peer.send(request);
    return peer.status();
}

std::vector<Call> DoorTest::calls() {
    return *calls_.lock();
}

bool DoorTest::wait_calls(std::size_t count) {
    return eventually([&] { return calls_.lock()->size() >= count; });
}

Ref<GstMessage> DoorTest::wait_message(GstMessageType type) {
    return Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
        bus_.get(), GST_SECOND * static_cast<GstClockTime>(std::chrono::seconds(kPatience).count()),
        type));
}

} // namespace rtspproxy::tests
