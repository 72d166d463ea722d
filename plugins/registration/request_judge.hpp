// Decides whether a request may be put before the listener at all: enabled, login, URL, suffix; in
// this order, so that nothing is revealed to who may not ask.
#pragma once

#include "plugins/registration/counters.hpp"
#include "plugins/registration/digest_challenge.hpp"
#include "plugins/registration/listening_socket.hpp"
#include "plugins/registration/login_limiter.hpp"
#include "plugins/registration/request.hpp"
#include "plugins/registration/response.hpp"
#include "plugins/support/guarded.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace rtspproxy::registration {

struct JudgeOptions {
    bool enabled = true; // false: 405
    std::string realm = "gst-rtsp-proxy";
    std::map<std::string, std::string, std::less<>> accounts; // user → password; none: no login
    unsigned max_login_failures = 10; // an address and minute; 0: any number
};

class RequestJudge {
  public:
    using Clock = std::chrono::steady_clock;

    // Both must outlive the judge.
    RequestJudge(Guarded<JudgeOptions>& options, Counters& counters)
        : options_(options), counters_(counters) {}

    // The response that refuses the request, or nothing if the listener may decide. `challenge`
    // belongs to the request's connection. Front door's thread.
    [[nodiscard]] std::optional<Response> refuse(const Request& request, const Peer& peer,
                                                 DigestChallenge& challenge, Clock::time_point now);

  private:
    std::optional<Response> refuse_login(const Request& request, const Peer& peer,
                                         DigestChallenge& challenge, Clock::time_point now);

    Guarded<JudgeOptions>& options_;
    Counters& counters_;
    LoginLimiter limiter_;
};

} // namespace rtspproxy::registration
