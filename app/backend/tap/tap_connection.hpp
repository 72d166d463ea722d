// Gives the connections of this process a tap (tap.hpp) to read from.
#pragma once

namespace rtspproxy::backend {

// From here on every TCP connection that this process makes through GIO has a tap, which does
// nothing until a back end claims it. Accepted connections have none. Before the first connection.
void install_taps();

// Of the TCP connection that this thread opened last: whether it stood, whatever became of what
// followed (TLS, the HTTP tunnel). False from forget_last_connection() on until then.
[[nodiscard]] bool last_connection_stood();
void forget_last_connection();

} // namespace rtspproxy::backend
