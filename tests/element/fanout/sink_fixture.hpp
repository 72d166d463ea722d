// udpfanoutsink, fed by the test, sending to real sockets.
#pragma once

#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/udp_receiver.hpp"
#include "tests/support/watchdog.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rtspproxy::tests {

using Bytes = std::vector<std::uint8_t>;
using Datagrams = std::vector<Bytes>;

// Of this project, or another; null if there is none.
[[nodiscard]] Ref<GstElement> make_element(const char* factory);
// The beginning of an RTP header, and as many bytes more as it takes.
[[nodiscard]] Bytes packet(std::uint16_t sequence, std::size_t size = 1000);
[[nodiscard]] std::uint16_t sequence_of(const Bytes& packet);
[[nodiscard]] Ref<GstBuffer> buffer_of(const Bytes& bytes);
[[nodiscard]] Ref<GstBufferList> list_of(const Datagrams& packets);

class SinkTest : public WatchedTest {
  protected:
    explicit SinkTest(const char* factory = "udpfanoutsink");
    ~SinkTest() override;

    template <class Value>
    void set(const char* property, Value value) {
        g_object_set(element(), property, value, nullptr);
    }
    template <class Value>
    Value get(const char* property) {
        Value value{};
        g_object_get(element(), property, &value, nullptr);
        return value;
    }
    void start() { ASSERT_EQ(set_state(GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS); }
    GstStateChangeReturn set_state(GstState state);
    GstFlowReturn push(const Bytes& packet);
    GstFlowReturn push_list(const Datagrams& packets);
    GstFlowReturn push_list(Ref<GstBufferList> list);

    void add(const UdpReceiver& to) { emit("add", to); }
    void remove(const UdpReceiver& to) { emit("remove", to); }
    void hold(const UdpReceiver& to) { emit("hold-client", to); }
    void release(const UdpReceiver& to) { emit("release-client", to); }
    void burst(const UdpReceiver& to, const Datagrams& packets, int next = -1);
    void emit(const char* signal, const UdpReceiver& to) {
        g_signal_emit_by_name(element(), signal, to.host().c_str(), to.port());
    }

    guint64 stat(const char* name);
    bool uses_gso();
    StructurePtr stats_of(const UdpReceiver& client);
    // What "udp-fan-out" said since the last call: "gso" or "plain".
    std::vector<std::string> take_news();
    // Other messages that were posted, by the names of their types; errors and warnings.
    std::vector<std::string> take_complaints();
    [[nodiscard]] GstElement* element() { return element_.get(); }

  private:
    void take_messages();

    Ref<GstElement> element_;
    Ref<GstBus> bus_ = Ref<GstBus>::adopt(gst_bus_new());
    Ref<GstPad> source_ = Ref<GstPad>::sink(gst_pad_new("src", GST_PAD_SRC));
    std::vector<std::string> news_, complaints_;
};

} // namespace rtspproxy::tests
