// Login: logs in at a camera that asks for it (401), and keeps rtspsrc out of it.
#pragma once

#include "app/backend/exchange/rule.hpp"
#include "plugins/auth/authenticator.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace rtspproxy::backend::exchange {

class Login : public Rule {
  public:
    // What one connection learns for the next ones.
    struct Memory {
        std::atomic<std::size_t> form{0}; // of a Digest login, see auth::Authenticator
    };

    // Without an account a 401 remains what it is.
    Login(std::optional<auth::Account> account, std::shared_ptr<Memory> memory);

    std::optional<Message> on_request(Request& request) override;
    // Cameras lock accounts after a few wrong passwords. So a request is sent twice at most: once
    // with what is known, and once with what the camera asked for.
    Verdict on_answer(Request& request, Message& answer) override;

  private:
    [[nodiscard]] bool tried_again(const Request& request);
    void refused();

    const std::shared_ptr<Memory> memory_;
    std::optional<auth::Authenticator> authenticator_;
    std::string last_; // the request that was sent again last
};

} // namespace rtspproxy::backend::exchange
