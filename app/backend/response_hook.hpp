// ResponseHook: the way to see, and to change, what rtspsrc was answered on a connection that bears
// TLS or an HTTP tunnel. Nobody is shown it but RTSP extensions, so this is one: an element that
// rtspsrc makes for itself, and whose after_send gets each request together with its response.
#pragma once

#include <gst/rtsp/rtsp.h>

namespace rtspproxy::backend {

class ResponseHook {
  public:
    class Listener {
      public:
        virtual void on_response(GstRTSPMessage& request, GstRTSPMessage& response) = 0;

      protected:
        ~Listener() = default;
    };

    // Before the first rtspsrc is made; rtspsrc looks for extensions once.
    static void install();
    // Responses in this thread, which is rtspsrc's, are for this listener from now on; null: for
    // nobody. To be called before each request, for such threads change their rtspsrc.
    static void listen_in_this_thread(Listener* listener);
};

} // namespace rtspproxy::backend
