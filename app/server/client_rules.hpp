// What the proxy does for each client of the GstRTSPServer, beyond what that does by itself.
#pragma once

#include "app/server/server_refs.hpp"

namespace rtspproxy::server {

// For the signal client-connected. Sets TCP_NODELAY; answers 503 with a reason while a mount's back
// end is not known; wakes the back end on PLAY. The handlers run in the client's thread.
void apply_client_rules(GstRTSPClient* client);

// The media that the client described last: it holds it prepared, even without a session. Borrowed,
// to be compared only.
[[nodiscard]] const GstRTSPMedia* described_media(GstRTSPClient* client);

} // namespace rtspproxy::server
