// Sockets between two parts of this process.
#pragma once

#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/result.hpp"

#include <cstdint>

namespace rtspproxy::registration_app {

struct LoopbackListener {
    FileDescriptor socket; // non-blocking
    std::uint16_t port = 0;
};
// Listens on a free port of 127.0.0.1.
[[nodiscard]] Result<LoopbackListener> listen_on_loopback();

// Accepts a connection, non-blocking; none if nobody waits, or if who waits is another process
// (anybody on this machine can connect, but only the proxy may speak with its devices).
[[nodiscard]] FileDescriptor accept_own(int listener);

// Whether the peer has ended its half of the connection, even if there is more to read before.
[[nodiscard]] bool hung_up(int socket);

} // namespace rtspproxy::registration_app
