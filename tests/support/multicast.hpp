// Multicast between a gst-rtsp-server and a client on the same machine.
//
// gst-rtsp-server binds the group's ports for itself alone and asks not to hear its own packets, so
// that no receiver on the same machine gets any. Neither can be set in its API.
//
// The servers of the tests send to their group on `lo`. That needs no route, for the sender names
// the interface; a receiver has to name it as well, or the machine needs a route of the group to
// lo.
#pragma once

namespace rtspproxy::tests {

// From now on lets other sockets of this machine share the multicast ports of every server in this
// process. Call after gst_init().
void share_multicast_ports();

} // namespace rtspproxy::tests
