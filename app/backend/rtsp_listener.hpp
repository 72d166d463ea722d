// RtspListener: gets each request of an rtspsrc's together with its answer.
//
// rtspsrc shows its answers to nobody but RTSP extensions, so there is one: an element that every
// rtspsrc makes for itself, and whose after_send is called in rtspsrc's thread.
#pragma once

#include <gst/rtsp/rtsp.h>

namespace rtspproxy::backend {

class RtspListener {
  public:
    // Before the first rtspsrc is made; rtspsrc looks for extensions once.
    static void install();
    // What this thread sends from now on is this one's. Null: nobody's.
    static void set_for_this_thread(RtspListener* listener);

    virtual void on_answer(const GstRTSPMessage& request, const GstRTSPMessage& answer) = 0;

  protected:
    ~RtspListener() = default;
};

} // namespace rtspproxy::backend
