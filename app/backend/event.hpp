// What a back end tells its supervisor. Events are posted to the main context, from any thread.
#pragma once

#include "app/backend/sdp/section.hpp"
#include "app/backend/supervisor.hpp"
#include "app/backend/track.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rtspproxy::backend {

struct Event {
    enum class Kind { Connected, Described, Flowing, Failed, Redirected, Noticed };
    Kind kind;
    Attempt attempt = 0;
    Tracks tracks;                    // of Described
    Failure failure = Failure::Error; // of Failed
    // Of Failed, and what was noticed: a phrase for logs and clients, without secrets.
    std::string reason;
    std::string location{}; // of Redirected; the URL as the back end wrote it
    // Of Described: whether multicast is asked for, and what of the SDP is not served.
    bool multicast = false;
    std::vector<sdp::LeftOut> left_out = {};
};
using EventHandler = std::function<void(Event)>;

} // namespace rtspproxy::backend
