// What the proxy does for each client of the GstRTSPServer, beyond what that does by itself.
#pragma once

#include "app/delivery/server_refs.hpp"
#include "app/delivery/writer.hpp"

namespace rtspproxy::server {

// For the signal client-connected. Sets TCP_NODELAY; takes over what leaves to the client; answers
// 503 with a reason while a mount's back end is not known; wakes the back end on PLAY; gives the
// client its place in the fan-out, and says in RTP-Info where it starts. The handlers run in the
// client's thread; `writer` outlives the client.
void apply_client_rules(GstRTSPClient* client, delivery::Writer& writer);

// The media that the client described last, if that is still there: it holds it prepared, even
// without a session. The client's thread.
[[nodiscard]] Ref<GstRTSPMedia> described_media(GstRTSPClient* client);

} // namespace rtspproxy::server
