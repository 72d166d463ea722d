// The address under which other machines reach this one, for the URLs that are printed.
#pragma once

#include <string>

namespace rtspproxy::server {

// The first IPv4 address of an interface that is up and not a loopback; else the first such IPv6
// address; else 127.0.0.1.
[[nodiscard]] std::string local_address();

} // namespace rtspproxy::server
