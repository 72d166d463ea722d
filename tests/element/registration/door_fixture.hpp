// An rtspregister that listens on loopback, with handlers that remember what they were told.
#pragma once

#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/signal.hpp"
#include "tests/element/registration/peer.hpp"
#include "tests/support/watchdog.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

// What a handler was called with.
struct Call {
    std::string signal; // "connection", "register", "deregister" or "reuse"
    std::string url;
    std::optional<std::string> suffix;
    bool interleaved = false;
    Ref<GSocket> socket;
    std::string address;
    unsigned port = 0;
};

class DoorTest : public WatchedTest {
  protected:
    DoorTest();
    ~DoorTest() override;

    // NULL→READY; the port is then bound_port().
    [[nodiscard]] bool open();
    void close();
    // Connects handlers for the signals above, which answer with the values below.
    void handle_registrations();
    void handle_connections();

    void set(const char* property, const char* value);
    [[nodiscard]] std::uint16_t bound_port() const;
    [[nodiscard]] std::uint64_t counted(const char* field) const;
    // Sends a request on a connection of its own; the status of the response.
    [[nodiscard]] unsigned ask(const std::string& request);

    [[nodiscard]] std::vector<Call> calls();
    // Waits until so many calls have come.
    [[nodiscard]] bool wait_calls(std::size_t count);
    // The next message of that name from the element; nullptr if there is none in time.
    [[nodiscard]] Ref<GstMessage> wait_message(GstMessageType type);

    Ref<GstElement> element_;
    Ref<GstBus> bus_;
    std::atomic<unsigned> status_{200}; // of register and deregister

  private:
    friend struct DoorHandlers;
    Guarded<std::vector<Call>> calls_;
    std::vector<SignalConnection> connections_;
};

} // namespace rtspproxy::tests
