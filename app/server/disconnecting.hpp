// The ends of clients and sessions that the proxy itself brings about.
#pragma once

#include "app/delivery/server_refs.hpp"

namespace rtspproxy::server {

// All in the clients' thread, see ClientThread.

// Ends the sessions that play `media`, and closes the connections of all who use it. Returns how
// many sessions that were.
unsigned disconnect_users(GstRTSPServer* server, GstRTSPSessionPool* sessions, GstRTSPMedia* media);
void disconnect_all(GstRTSPServer* server, GstRTSPSessionPool* sessions);

} // namespace rtspproxy::server
