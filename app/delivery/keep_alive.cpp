#include "app/delivery/keep_alive.hpp"

#include "app/delivery/server_refs.hpp"
#include "plugins/support/main_context.hpp"
#include "plugins/support/weak_ref.hpp"

#include <memory>

namespace rtspproxy::delivery {

// Not in the streaming thread, which may come to hold the last reference, and would take the
// session and its media down with itself in it: in the client's, where this is called.
std::function<void()> keep_alive(GstRTSPSession* session) {
    return
        [context = current_context(), weak = std::make_shared<WeakRef<GstRTSPSession>>(session)] {
            post_to(context.get(), [weak] {
                if (const auto alive = weak->get())
                    gst_rtsp_session_touch(alive.get());
            });
        };
}

} // namespace rtspproxy::delivery
