#include "app/backend/exchange/other_url.hpp"

#include "app/backend/exchange/url.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rtspproxy::backend::exchange {
namespace {

// Of more tracks no other URL is known.
constexpr std::size_t kMaxControls = 64;

std::string appended(std::string_view base, std::string_view control) {
    while (base.ends_with('/'))
        base.remove_suffix(1);
    while (control.starts_with('/'))
        control.remove_prefix(1);
    return std::string(base) + "/" + std::string(control);
}

// What another URL may help against; 461 speaks of the transport.
bool may_be_the_url(int status) {
    return status >= 400 && status != 401 && status != 407 && status != 461;
}

} // namespace

std::optional<Message> OtherUrl::on_request(Request& request) {
    if (request.message.method == "SETUP") {
        if (request.times_sent == 0)
            tried_.clear();
        tried_.insert(request.message.url);
    }
    return std::nullopt;
}

Verdict OtherUrl::on_answer(Request& request, Message& answer) {
    if (request.message.method == "DESCRIBE" && answer.status == 200)
        learn(request.message, answer);
    if (request.message.method != "SETUP" || !may_be_the_url(answer.status))
        return Verdict::Pass;
    std::string other = other_for(request.message.url);
    if (other.empty())
        return Verdict::Pass;
    request.message.url = std::move(other);
    return Verdict::Resend;
}

void OtherUrl::learn(const Message& request, const Message& answer) {
    constexpr std::string_view kControl = "a=control:";
    base_ = answer.value_or("Content-Base", request.url);
    controls_.clear();
    std::string_view rest = answer.body;
    bool in_section = false;
    while (!rest.empty() && controls_.size() < kMaxControls) {
        const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        in_section = in_section || line.starts_with("m=");
        if (!in_section || !line.starts_with(kControl))
            continue;
        const std::string_view control = trim(line.substr(kControl.size()));
        if (!control.empty() && control.find("://") == std::string_view::npos)
            controls_.emplace_back(control);
    }
}

// Of the track that ends like this, the form that was not tried.
std::string OtherUrl::other_for(const std::string& url) const {
    for (const std::string& control : controls_) {
        const std::array<std::string, 2> forms{appended(base_, control), resolve(base_, control)};
        if (std::ranges::find(forms, url) == forms.end())
            continue;
        for (const std::string& form : forms)
            if (!form.empty() && !tried_.contains(form))
                return form;
    }
    return {};
}

} // namespace rtspproxy::backend::exchange
