// ReusedConnection: reach a device over the connection that it opened itself (REGISTER with
// reuse_connection), although rtspsrc wants to dial: rtspsrc dials proxy() instead of the device.
#pragma once

#include "app/registration/splicer.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace rtspproxy::registration_app {

class ReusedConnection {
  public:
    // Opens the loopback port, which stays the same for as long as this lives; without a device,
    // connections to it are closed at once. `splicer` must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<ReusedConnection>> open(Splicer& splicer);
    ReusedConnection(const ReusedConnection&) = delete;
    ReusedConnection& operator=(const ReusedConnection&) = delete;
    // Closes the port and the device's connection.
    ~ReusedConnection();

    // For BackendSettings::proxy.
    [[nodiscard]] std::string proxy() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::uint16_t port() const { return port_; }

    // The device's connection from now on; one that was set before is closed, and what played on it
    // ends. `on_gone` is called at most once, in the splicer's thread, when the connection has
    // ended by itself or was cut off; possibly still after another was set or after this is gone.
    void set_device(Ref<GSocket> socket, Splice::OnGone on_gone);

  private:
    ReusedConnection(Splicer& splicer, Splicer::Id id, std::uint16_t port)
        : splicer_(splicer), id_(id), port_(port) {}

    Splicer& splicer_;
    const Splicer::Id id_;
    const std::uint16_t port_;
};

} // namespace rtspproxy::registration_app
