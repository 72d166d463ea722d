#include "app/backend/exchange/keep_alive.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace rtspproxy::backend::exchange {
namespace {

constexpr std::chrono::milliseconds kShortest{1000};
constexpr std::chrono::milliseconds kLongest{15000};
constexpr std::string_view kGetParameter = "GET_PARAMETER";

// Takes what precedes `separator` off the front of `list`.
std::string_view take(std::string_view& list, char separator) {
    const std::size_t end = std::min(list.find(separator), list.size());
    const std::string_view item = trim(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    return item;
}

bool offers_get_parameter(const Message& answer) {
    for (const auto& header : answer.headers) {
        if (!equals_ignoring_case(header.name, "Public"))
            continue;
        for (std::string_view rest = header.value; !rest.empty();)
            if (equals_ignoring_case(take(rest, ','), kGetParameter))
                return true;
    }
    return false;
}

// "12345678;timeout=30"
std::optional<std::chrono::seconds> timeout_of(std::string_view parameters) {
    constexpr std::string_view kTimeout = "timeout";
    while (!parameters.empty()) {
        std::string_view value = take(parameters, ';');
        if (!equals_ignoring_case(take(value, '='), kTimeout))
            continue;
        const auto seconds = parse_number(trim(value));
        if (seconds && *seconds > 0)
            return std::chrono::seconds(*seconds);
    }
    return std::nullopt;
}

bool succeeded(const Message& answer) {
    return answer.status >= 200 && answer.status < 300;
}

} // namespace

KeepAlive::KeepAlive(std::shared_ptr<Plan> plan) : plan_(std::move(plan)) {
    plan_->forget();
}

void KeepAlive::Plan::forget() {
    *session_.lock() = {};
}

std::optional<std::chrono::milliseconds> KeepAlive::Plan::interval() {
    auto session = session_.lock();
    if (!session->plays)
        return std::nullopt;
    return std::clamp(std::chrono::milliseconds(session->timeout) / 3, kShortest, kLongest);
}

Message KeepAlive::Plan::request() {
    auto session = session_.lock();
    Message message = Message::request(
        session->get_parameter ? std::string(kGetParameter) : "OPTIONS", session->url);
    message.set("Session", session->id);
    return message;
}

std::optional<Message> KeepAlive::on_request(Request& request) {
    if (request.message.method == "TEARDOWN" || request.message.method == "PAUSE")
        plan_->session_.lock()->plays = false;
    return std::nullopt;
}

Verdict KeepAlive::on_answer(Request& request, Message& answer) {
    auto session = plan_->session_.lock();
    const std::string& method = request.message.method;
    if (request.ours) {
        // What is wrong with the session or the login is not wrong with the method.
        constexpr int kUnauthorized = 401;
        constexpr int kSessionNotFound = 454;
        if (answer.status >= 400 && answer.status != kUnauthorized &&
            answer.status != kSessionNotFound)
            session->get_parameter = false;
    } else if (method == "OPTIONS") {
        session->get_parameter = succeeded(answer) && offers_get_parameter(answer);
    } else if (method == "SETUP" && succeeded(answer)) {
        if (const std::string* header = answer.find("Session")) {
            std::string_view rest = *header;
            session->id = take(rest, ';');
            session->timeout = timeout_of(rest).value_or(session->timeout);
        }
    } else if (method == "PLAY" && succeeded(answer)) {
        session->url = request.message.url;
        session->plays = true;
    }
    return Verdict::Pass;
}

} // namespace rtspproxy::backend::exchange
