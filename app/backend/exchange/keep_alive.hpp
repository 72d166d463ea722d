// KeepAlive: learns from the answers how a session is kept alive: how often, and by which request.
#pragma once

#include "app/backend/exchange/rule.hpp"
#include "plugins/support/guarded.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace rtspproxy::backend::exchange {

class KeepAlive : public Rule {
  public:
    // For whoever sends the requests. Any thread.
    class Plan {
      public:
        // A third of the session's timeout, so that one may get lost; 15 s at most. Nothing: no
        // session plays.
        [[nodiscard]] std::optional<std::chrono::milliseconds> interval();
        // GET_PARAMETER without a body where the camera offers it, else OPTIONS.
        [[nodiscard]] Message request();
        // No session plays any more.
        void forget();

      private:
        friend class KeepAlive;
        struct Session {
            std::string id, url;
            std::chrono::seconds timeout{60}; // RFC 2326 §12.37
            bool get_parameter = false;
            bool plays = false;
        };
        Guarded<Session> session_;
    };

    explicit KeepAlive(std::shared_ptr<Plan> plan);

    std::optional<Message> on_request(Request& request) override;
    Verdict on_answer(Request& request, Message& answer) override;
    void on_end(const std::deque<Request>&) override { plan_->forget(); }

  private:
    const std::shared_ptr<Plan> plan_;
};

} // namespace rtspproxy::backend::exchange
