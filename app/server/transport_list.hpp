// The Transport header of a SETUP (RFC 2326 §12.39): what a client can be sent media by, in the
// order that it likes best.
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy::server {

// Of a list of transports those that can be parsed and that name what is needed to send to them:
// unicast UDP its ports; without parameters that nobody knows. The server takes the first of these
// that a mount offers, and takes one that it cannot read for one that it can if that comes last.
[[nodiscard]] std::string usable_transports(std::string_view list);

} // namespace rtspproxy::server
