// Rule: one thing to mend or to add between rtspsrc and a camera. An Exchange asks its rules in
// their order; a rule keeps what it has to know about the connection. Pure, and called under the
// lock of the exchange: a rule must not block, nor call back into what owns the exchange.
#pragma once

#include "app/backend/exchange/message.hpp"

#include <deque>
#include <optional>
#include <string>

namespace rtspproxy::backend::exchange {

// A request that has to be answered.
struct Request {
    Message message;         // as it was sent last; its CSeq is not the rules' affair
    bool ours = false;       // not rtspsrc's: nobody but the rules sees the answer
    unsigned times_sent = 0; // on this connection
    unsigned cseq = 0;       // the number that it was sent with last
    std::string source_cseq; // the number that rtspsrc gave it
    bool mended = false;     // its answer was put into form
};

enum class Verdict {
    Pass,    // on to the next rule, and to rtspsrc
    Resend,  // the request, which may have been changed, is sent again; rtspsrc sees nothing
    Swallow, // rtspsrc sees nothing
};

class Rule {
  public:
    Rule() = default;
    Rule(const Rule&) = delete;
    Rule& operator=(const Rule&) = delete;
    virtual ~Rule() = default;

    // A request is on its way to the camera, for the first time or again: its message may be
    // changed. What is returned is the answer: the request is not sent, and the rules do not see
    // that answer.
    [[nodiscard]] virtual std::optional<Message> on_request(Request& /*request*/) {
        return std::nullopt;
    }
    // The camera answered; answer and request may be changed.
    [[nodiscard]] virtual Verdict on_answer(Request& /*request*/, Message& /*answer*/) {
        return Verdict::Pass;
    }
    // The camera ended the connection; these were not answered.
    virtual void on_end(const std::deque<Request>& /*unanswered*/) {}
};

} // namespace rtspproxy::backend::exchange
