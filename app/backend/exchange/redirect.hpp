// Redirect: keeps rtspsrc from following a camera to wherever it points (3xx): rtspsrc does so
// without end, and takes the password along.
#pragma once

#include "app/backend/exchange/rule.hpp"
#include "plugins/support/result.hpp"

#include <functional>
#include <string>
#include <utility>

namespace rtspproxy::backend::exchange {

class Redirect : public Rule {
  public:
    // Where the camera says that its stream is, as an absolute URL, or that it does not say it.
    // Called as rules are; what rtspsrc makes of the answer comes after that.
    using Handler = std::function<void(Result<std::string> url)>;
    explicit Redirect(Handler handler) : handler_(std::move(handler)) {}

    // rtspsrc gets an answer that ends its attempt.
    Verdict on_answer(Request& request, Message& answer) override;

  private:
    const Handler handler_;
};

} // namespace rtspproxy::backend::exchange
