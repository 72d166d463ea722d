#include "app/backend/exchange/answer_form.hpp"

#include "app/backend/exchange/url.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace rtspproxy::backend::exchange {
namespace {

constexpr int kOk = 200;
constexpr int kMovedTemporarily = 302;
constexpr int kBadRequest = 400;

// rtspsrc takes 200 for success and 301 and 302 for a redirect, and nothing else of their kind.
void mend_status(Message& answer) {
    if (answer.status >= 200 && answer.status < 300) {
        answer.status = kOk;
    } else if (answer.status >= 300 && answer.status < 400) {
        if (answer.status != 301)
            answer.status = kMovedTemporarily;
    } else if (answer.status < 400 || answer.status >= 600) {
        answer.status = kBadRequest;
    }
}

// "ID;timeout=60"
void mend_session(Message& answer) {
    const std::string* value = answer.find("Session");
    if (value == nullptr)
        return;
    std::string mended;
    std::string_view rest = *value;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        std::string part(trim(rest.substr(0, end)));
        if (!mended.empty())
            std::erase_if(part, [](char each) { return each == ' ' || each == '\t'; });
        if (!part.empty())
            mended += (mended.empty() ? "" : ";") + part;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (mended.empty())
        answer.remove("Session");
    else
        answer.set("Session", std::move(mended));
}

// A header that is a URL: absolute, or not there.
void mend_url(Message& answer, std::string_view name, const std::string& base) {
    const std::string* value = answer.find(name);
    if (value == nullptr)
        return;
    std::string url = resolve(base, *value);
    if (url.empty())
        answer.remove(name);
    else
        answer.set(name, std::move(url));
}

// Words between commas or blanks.
bool names(std::string_view list, std::string_view word) {
    constexpr std::string_view kBetween = ", \t";
    while (true) {
        list.remove_prefix(std::min(list.find_first_not_of(kBetween), list.size()));
        if (list.empty())
            return false;
        const std::size_t end = std::min(list.find_first_of(kBetween), list.size());
        if (equals_ignoring_case(list.substr(0, end), word))
            return true;
        list.remove_prefix(end);
    }
}

// Nothing depends on OPTIONS: a camera that does not know it may know all the rest. rtspsrc reads
// Public strictly, and asks for nothing where that lacks DESCRIBE or SETUP.
void mend_options(Message& answer) {
    if (answer.status == 401 || answer.status == 407 || answer.status / 100 == 3)
        return;
    if (answer.status != kOk) {
        answer = Message::answer(kOk, "OK");
        return;
    }
    constexpr std::array<std::string_view, 8> kMethods{"OPTIONS",       "DESCRIBE",     "SETUP",
                                                       "PLAY",          "PAUSE",        "TEARDOWN",
                                                       "GET_PARAMETER", "SET_PARAMETER"};
    std::string all;
    for (const auto& header : answer.headers)
        if (equals_ignoring_case(header.name, "Public") ||
            equals_ignoring_case(header.name, "Allow"))
            all += "," + header.value;
    if (all.empty() ||
        (names(all, "DESCRIBE") && names(all, "SETUP") && all.find(',', 1) != std::string::npos))
        return;
    std::string mended = "DESCRIBE, SETUP";
    for (const std::string_view method : kMethods)
        if (method != "DESCRIBE" && method != "SETUP" && names(all, method))
            mended += ", " + std::string(method);
    answer.remove("Allow");
    answer.set("Public", std::move(mended));
}

// Where it leads to nothing that can be used, Redirect says so.
void mend_redirect(const Message& request, Message& answer) {
    const std::string* value = answer.find("Location");
    std::string url = value != nullptr ? resolve(request.url, *value) : std::string();
    if (!url.empty())
        answer.set("Location", std::move(url));
}

void mend_describe(const Message& request, Message& answer) {
    mend_url(answer, "Content-Base", request.url);
    if (answer.status == kOk && starts_ignoring_case(answer.body, "v="))
        answer.set("Content-Type", "application/sdp");
}

} // namespace

Verdict AnswerForm::on_answer(Request& request, Message& answer) {
    const Message before = answer;
    mend(request.message, answer);
    request.mended = request.mended || !(answer == before);
    return Verdict::Pass;
}

void AnswerForm::mend(const Message& request, Message& answer) {
    const std::string& method = request.method;
    mend_redirect(request, answer);
    mend_status(answer);
    mend_session(answer);
    if (method == "OPTIONS")
        mend_options(answer);
    else if (method == "DESCRIBE")
        mend_describe(request, answer);
    else if (method == "SETUP" && answer.status == kOk)
        mend_setup(request, answer);
}

void AnswerForm::mend_setup(const Message& request, Message& answer) {
    answer.set("Transport", mended_transport(answer.value_or("Transport", ""),
                                             request.value_or("Transport", ""), taken_));
}

} // namespace rtspproxy::backend::exchange
