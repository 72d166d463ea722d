// AnswerForm: puts a camera's answers into the form that rtspsrc (1.22) reads. Other players read
// what cameras say less strictly; this is the one place where that is made good. What the start
// line and the headers look like is Message's affair already.
#pragma once

#include "app/backend/exchange/rule.hpp"
#include "app/backend/exchange/transport.hpp"

namespace rtspproxy::backend::exchange {

class AnswerForm final : public Rule {
  public:
    [[nodiscard]] Verdict on_answer(Request& request, Message& answer) override;

  private:
    void mend(const Message& request, Message& answer);
    void mend_setup(const Message& request, Message& answer);

    Channels taken_;
};

} // namespace rtspproxy::backend::exchange
