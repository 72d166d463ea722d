// Gives the connections of this process a tap (tap.hpp) to read from.
#pragma once

namespace rtspproxy::backend {

// From here on every TCP connection that this process makes through GIO has a tap, which does
// nothing until a back end claims it. Accepted connections have none. Before the first connection.
void install_taps();

} // namespace rtspproxy::backend
