// Takes everything that leaves to a plain TCP client out of GstRTSPClient's hands.
#pragma once

#include "app/delivery/server_refs.hpp"
#include "app/delivery/writer.hpp"

#include <memory>
#include <string>

namespace rtspproxy::delivery {

// In the client's thread, while its first request is handled: nothing may have been written before
// that is still on its way. More calls change nothing. HTTP tunnels are plain connections here
// (server/intake/client_input.hpp).
void take_over(GstRTSPClient* client, Writer& writer);

// The output of a client that was taken over; null if GstRTSPClient moves the bytes.
[[nodiscard]] std::shared_ptr<SocketOutput> output_of(GstRTSPClient* client);

// Ends the client's connection, and with it what it plays. In the client's thread, but not while
// one of its requests is handled.
void close_client(GstRTSPClient* client);

// A response or request as it goes over the wire (RFC 2326 §6, §7); data (§10.12) as a frame.
[[nodiscard]] std::string wire_text(GstRTSPMessage& message);

} // namespace rtspproxy::delivery
