#include "app/backend/exchange/shy_of_options.hpp"

namespace rtspproxy::backend::exchange {

// That it is not sent applies to ours, too.
std::optional<Message> ShyOfOptions::on_request(Request& request) {
    if (request.message.method != "OPTIONS" || !memory_->closes_on_options.load())
        return std::nullopt;
    return Message::answer(200, "OK");
}

Verdict ShyOfOptions::on_answer(Request&, Message&) {
    answered_ = true;
    return Verdict::Pass;
}

// If it says nothing without OPTIONS either, that was not the reason.
void ShyOfOptions::on_end(const std::deque<Request>& unanswered) {
    if (answered_ || unanswered.empty())
        return;
    memory_->closes_on_options.store(unanswered.front().message.method == "OPTIONS");
}

} // namespace rtspproxy::backend::exchange
