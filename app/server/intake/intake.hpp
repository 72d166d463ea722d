// Intake: lets connections in, so many at a time, and sees to it that what they send is read within
// bounds and that they end when their client is gone.
#pragma once

#include "app/server/intake/admission.hpp"

#include <gio/gio.h>

#include <memory>
#include <string>

namespace rtspproxy::server {

class Intake {
  public:
    explicit Intake(const IntakeOptions& options);

    // The front door's thread. False: there are too many, and the connection is to be refused.
    // Otherwise it counts until the last reference to `socket` is gone.
    [[nodiscard]] bool let_in(GSocket* socket, const std::string& address);

    // One line of JSON. Any thread.
    [[nodiscard]] std::string report() const;

  private:
    const std::shared_ptr<IntakeState> state_; // shared with the connections
};

} // namespace rtspproxy::server
