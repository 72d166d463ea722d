// SessionForm: one rtspsrc's session with a back end, in the form that both rtspsrc and the proxy
// take it in: what its SDP becomes (sdp/normal_form.hpp), and where its requests go.
#pragma once

#include "app/backend/rtsp_listener.hpp"
#include "app/backend/sdp/normal_form.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/signal.hpp"

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>
#include <gst/sdp/sdp.h>

#include <atomic>
#include <string>

namespace rtspproxy::backend {

class SessionForm final : private RtspListener {
  public:
    explicit SessionForm(GstElement* source);
    SessionForm(const SessionForm&) = delete;
    SessionForm& operator=(const SessionForm&) = delete;

    // A new attempt. While rtspsrc is stopped.
    void begin(settings::Transport transport, bool multicast);

    // Puts the answer to the last DESCRIBE into the form. rtspsrc's thread.
    [[nodiscard]] sdp::NormalForm take(GstSDPMessage& sdp);
    // The attempt failed. True: while a track was being set up, and it may be known by another URL,
    // which is the one for the next attempt. Any thread.
    [[nodiscard]] bool try_other_url();

    // Any thread.
    [[nodiscard]] bool is_encrypted() const { return encrypted_.load(); }

  private:
    struct State {
        sdp::Rules rules;
        sdp::Origin origin;
        sdp::Addresses addresses;
        sdp::FormChoice choice;
        bool setting_up = false; // a SETUP was not answered with success
    };

    // rtspsrc's thread. Before a request leaves: gives it its URL.
    void address(GstRTSPMessage& request);
    void on_answer(const GstRTSPMessage& request, const GstRTSPMessage& answer) override;

    Guarded<State> state_;
    std::atomic<bool> encrypted_{false};
    SignalConnection before_send_;
};

} // namespace rtspproxy::backend
