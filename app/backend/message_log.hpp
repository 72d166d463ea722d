// MessageLog: every RTSP message exchanged with the back ends, on stderr (-V).
//
// Those of a connection that a back end has claimed are shown as they are on the wire
// (tap/conversation.hpp). Of others (HTTP tunnels) rtspsrc shows nobody its answers but RTSP
// extensions, so this is one: an element that rtspsrc makes for itself, and whose after_send gets
// each request together with its response.
#pragma once

#include <string>
#include <string_view>

namespace rtspproxy::backend {

class MessageLog {
  public:
    // Before the first rtspsrc is made; rtspsrc looks for extensions once.
    static void enable();
    // The messages that this thread sends belong to this mount; none: they are shown elsewhere.
    // rtspsrc's thread.
    static void name_this_thread(const std::string& mount);

    // A message as it was sent or received, passwords masked. Any thread.
    static void sent(const std::string& mount, std::string_view message);
    static void received(const std::string& mount, std::string_view message);
};

} // namespace rtspproxy::backend
