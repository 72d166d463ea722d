// One element in a GstHarness, and everything that comes out of it.
#pragma once

#include "plugins/support/deleter.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"
#include "tests/element/relay/packet.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/watchdog.hpp"

#include <gst/check/gstharness.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

using HarnessPtr = std::unique_ptr<GstHarness, Deleter<gst_harness_teardown>>;

// What was pushed at once: a list, or one buffer.
struct Group {
    bool list = false;
    bool writable = true; // nobody else holds the list or any of its buffers
    std::vector<Bytes> packets;
    std::vector<GstClockTime> times; // PTS
    std::vector<GstClockTime> decoding_times;
};

class ElementTest : public WatchedTest {
  protected:
    // Makes the element; it is started by start().
    explicit ElementTest(const char* factory);
    ~ElementTest() override;

    // Properties are set before: as text, as gst-launch-1.0 takes them.
    void set(const char* property, const std::string& value);
    std::string get(const char* property);
    // Puts the element into a harness, playing; then gives it these caps, if any.
    void start(const char* caps);

    GstFlowReturn push(const Packet& packet) { return push(bytes_of(packet)); }
    GstFlowReturn push(const Bytes& bytes) { return push(buffer_of(bytes)); }
    GstFlowReturn push(Ref<GstBuffer> buffer);
    GstFlowReturn push_list(const std::vector<Packet>& packets);
    // As one list.
    GstFlowReturn push_buffers(const std::vector<Bytes>& buffers);
    bool push_event(GstEvent* owned);
    bool push_stream_start() { return push_event(gst_event_new_stream_start("again")); }

    // What came out since the last call.
    std::vector<Group> take_groups();
    std::vector<Packet> take();
    std::vector<Bytes> take_bytes();
    std::vector<std::string> take_events(); // names of types
    // The order in which both came: names of types, and "packets".
    std::vector<std::string> take_log();
    Ref<GstEvent> last_event(GstEventType type);
    // Names of the element messages that were posted since the last call.
    std::vector<std::string> take_messages();
    // From now on downstream answers so.
    void answer(std::optional<GstFlowReturn> flow) { flow_.store(flow ? *flow : kNoFlow); }

    guint64 stat(const char* name);
    [[nodiscard]] GstElement* element() { return element_.get(); }
    [[nodiscard]] GstHarness* harness() { return harness_.get(); }
    GstStateChangeReturn set_state(GstState state) {
        return gst_element_set_state(element_.get(), state);
    }

  private:
    static constexpr int kNoFlow = G_MAXINT;
    struct Output {
        std::vector<Group> groups;
        std::vector<Ref<GstEvent>> events;
        std::vector<std::string> log;
    };
    GstPadProbeReturn on_output(GstPadProbeInfo* info);
    void record(GstPadProbeInfo* info);

    Ref<GstElement> element_;
    Ref<GstBus> bus_ = Ref<GstBus>::adopt(gst_bus_new());
    HarnessPtr harness_;
    Guarded<Output> output_;
    Guarded<std::vector<Ref<GstEvent>>> all_events_;
    std::atomic<int> flow_{kNoFlow};
};

// Every property of the element's own type is documented, and reads back what was set. Returns
// their number.
unsigned check_properties(GstElement* element);

} // namespace rtspproxy::tests
