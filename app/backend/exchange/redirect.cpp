#include "app/backend/exchange/redirect.hpp"

#include "plugins/support/deleter.hpp"

#include <glib.h>

namespace rtspproxy::backend::exchange {
namespace {

constexpr int kNotModified = 304;
// Of no meaning to rtspsrc, which gives up.
constexpr int kElsewhere = 399;

Result<std::string> resolve(const std::string& base, const std::string& location) {
    constexpr auto kFlags = static_cast<GUriFlags>(G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED);
    const GCharPtr url(g_uri_resolve_relative(base.c_str(), location.c_str(), kFlags, nullptr));
    if (!url)
        return failure("back end redirects to something that is no URL");
    return std::string(url.get());
}

} // namespace

Verdict Redirect::on_answer(Request& request, Message& answer) {
    if (answer.status < 300 || answer.status > 399 || answer.status == kNotModified || request.ours)
        return Verdict::Pass;
    const std::string* location = answer.find("Location");
    handler_(location != nullptr && !location->empty()
                 ? resolve(request.message.url, *location)
                 : failure("back end redirects (" + std::to_string(answer.status) +
                           ") without saying where to"));
    answer.status = kElsewhere;
    answer.remove("Location");
    return Verdict::Pass;
}

} // namespace rtspproxy::backend::exchange
