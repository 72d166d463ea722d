// FrontDoor: the listening sockets, i.e. element rtspregister, and where its connections go.
#pragma once

#include "app/delivery/server_refs.hpp"
#include "app/server/intake/intake.hpp"
#include "plugins/support/result.hpp"
#include "plugins/support/signal.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rtspproxy::server {

class FrontDoor {
  public:
    // What registered devices say, in the element's thread: answer at once. The URL may hold a
    // password; `suffix` is empty if none was asked for; `address` is the peer's.
    class RegistrationListener {
      public:
        virtual ~RegistrationListener() = default;
        // The RTSP status to answer.
        virtual unsigned on_register(const std::string& url, const std::string& suffix,
                                     bool interleaved, bool reuse, const std::string& address) = 0;
        virtual unsigned on_deregister(const std::string& url, const std::string& suffix,
                                       const std::string& address) = 0;
        // After the answer to a REGISTER with reuse_connection: the connection is the proxy's to
        // use.
        virtual void on_reuse(Ref<GSocket> socket, const std::string& url,
                              const std::string& suffix, const std::string& address) = 0;
    };

    // Connections go to `server`, which outlives this.
    FrontDoor(GstRTSPServer* server, const IntakeOptions& intake);
    FrontDoor(const FrontDoor&) = delete;
    FrontDoor& operator=(const FrontDoor&) = delete;
    ~FrontDoor();

    // Accept REGISTER and DEREGISTER from now on; otherwise they are answered 405. Before open().
    void accept_registrations(RegistrationListener& listener);
    // The element, for its limits and users. Before open().
    [[nodiscard]] GstElement* element() const { return element_.get(); }

    // Listens on `address` (numeric; empty: all, both families) and `port` (0: a free one); returns
    // the port. Can be called again after an error.
    [[nodiscard]] Result<std::uint16_t> open(const std::string& address, std::uint16_t port);
    void close();

    // One line of JSON: what became of the connections. Any thread.
    [[nodiscard]] std::string report() const { return intake_.report(); }

  private:
    bool hand_on(GSocket* socket, const char* initial, const char* address, unsigned port);

    GstRTSPServer* const server_;
    Intake intake_;
    const Ref<GstElement> element_;
    RegistrationListener* listener_ = nullptr;
    std::optional<std::uint64_t> warned_at_; // element's thread: of too many connections
    SignalConnection connection_, register_, deregister_, reuse_;
};

} // namespace rtspproxy::server
