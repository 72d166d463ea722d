#include "app/backend/redirected.hpp"

#include "app/settings/backend_url.hpp"
#include "plugins/text/ascii.hpp"
#include "plugins/text/secrets.hpp"

#include <algorithm>
#include <string_view>

namespace rtspproxy::backend {
namespace {

// Of a URL without user and password.
std::string_view host_of(std::string_view url) {
    constexpr std::string_view kSchemeEnd = "://";
    url.remove_prefix(std::min(url.find(kSchemeEnd), url.size() - kSchemeEnd.size()) +
                      kSchemeEnd.size());
    url = url.substr(0, url.find_first_of("/?#"));
    const auto bracket = url.find(']'); // of an IPv6 address
    return url.substr(0, url.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

} // namespace

Result<settings::BackendSettings> redirected(const settings::BackendSettings& own,
                                             const std::string& url) {
    const auto parsed = settings::parse_backend_url(url);
    if (!parsed)
        return failure("back end redirects to a URL that cannot be used: " +
                       parsed.error().message);
    const bool same_host = text::equals_ignoring_case(host_of(own.url), host_of(parsed->url));
    if (!same_host && !own.proxy.empty())
        return failure("back end redirects to a host that its own connection does not lead to");
    settings::BackendSettings elsewhere = own;
    elsewhere.url = parsed->url;
    elsewhere.display_url = text::mask_secrets(url);
    const bool keeps_tls = parsed->tls || !own.url.starts_with("rtsps");
    if (parsed->user)
        elsewhere.credentials = {*parsed->user, parsed->password.value_or("")};
    else if (!same_host || !keeps_tls)
        elsewhere.credentials.reset();
    return elsewhere;
}

bool loses_login(const settings::BackendSettings& own, const settings::BackendSettings& elsewhere) {
    return own.credentials && !elsewhere.credentials;
}

} // namespace rtspproxy::backend
