// RelayClient: a GstRTSPClient that takes requests as players mean them, where GstRTSPClient reads
// them otherwise or does half of what they ask for.
#pragma once

#include "app/delivery/server_refs.hpp"

namespace rtspproxy::server {

// A GstRTSPServer whose clients are such.
[[nodiscard]] Ref<GstRTSPServer> make_relay_server();

} // namespace rtspproxy::server
