#include "app/backend/exchange/login.hpp"

#include <utility>
#include <vector>

namespace rtspproxy::backend::exchange {
namespace {

constexpr int kUnauthorized = 401;
constexpr const char* kAuthorization = "Authorization";
constexpr const char* kChallenge = "WWW-Authenticate";

} // namespace

Login::Login(std::optional<auth::Account> account, std::shared_ptr<Memory> memory)
    : memory_(std::move(memory)) {
    if (account)
        authenticator_.emplace(std::move(*account),
                               auth::Authenticator::Policy{.form = memory_->form.load()});
}

std::optional<Message> Login::on_request(Request& request) {
    if (!authenticator_)
        return std::nullopt;
    auto authorization = authenticator_->authorize(request.message.method, request.message.url);
    if (authorization)
        request.message.set(kAuthorization, std::move(*authorization));
    return std::nullopt;
}

Verdict Login::on_answer(Request& request, Message& answer) {
    if (answer.status != kUnauthorized || !authenticator_)
        return Verdict::Pass;
    std::vector<std::string> values;
    for (const auto& header : answer.headers)
        if (equals_ignoring_case(header.name, kChallenge))
            values.push_back(header.value);
    const auto challenged = authenticator_->challenge(values);
    if (challenged && !tried_again(request))
        return Verdict::Resend;
    if (challenged)
        refused();
    else if (!values.empty())
        answer.reason += " (" + challenged.error().message + ")";
    answer.remove(kChallenge); // rtspsrc would try the same again
    return Verdict::Pass;
}

// Whether it was sent again for its login already; from now on it was.
bool Login::tried_again(const Request& request) {
    std::string key = (request.ours ? "ours " : "rtspsrc's ") + request.source_cseq;
    if (request.times_sent > 1 && key == last_)
        return true;
    last_ = std::move(key);
    return false;
}

// Some cameras offer what they do not understand: the next attempt logs in in another form, so that
// no attempt tries a password twice.
void Login::refused() {
    if (authenticator_->forms() > 1 && !authenticator_->stale())
        memory_->form.store((memory_->form.load() + 1) % authenticator_->forms());
}

} // namespace rtspproxy::backend::exchange
