// Some cameras close the connection when they are asked for their OPTIONS. It is noticed once, and
// they are not asked again.
#pragma once

#include "app/backend/exchange/memory.hpp"
#include "app/backend/exchange/rule.hpp"

#include <memory>

namespace rtspproxy::backend::exchange {

class ShyOfOptions final : public Rule {
  public:
    explicit ShyOfOptions(std::shared_ptr<Memory> memory) : memory_(std::move(memory)) {}

    [[nodiscard]] std::optional<Message> on_request(Request& request) override;
    [[nodiscard]] Verdict on_answer(Request& request, Message& answer) override;
    void on_end(const std::deque<Request>& unanswered) override;

  private:
    const std::shared_ptr<Memory> memory_;
    bool answered_ = false; // anything, on this connection
};

} // namespace rtspproxy::backend::exchange
