// MessageLog: every RTSP message exchanged with the back ends, on stderr (-V).
//
// rtspsrc shows nobody its answers but RTSP extensions, so this is one: an element that rtspsrc
// makes for itself, and whose after_send gets each request together with its response.
#pragma once

#include <string>

namespace rtspproxy::backend {

class MessageLog {
  public:
    // Before the first rtspsrc is made; rtspsrc looks for extensions once.
    static void enable();
    // The messages that this thread sends belong to this mount. rtspsrc's thread.
    static void name_this_thread(const std::string& mount);
};

} // namespace rtspproxy::backend
