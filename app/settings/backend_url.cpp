#include "app/settings/backend_url.hpp"

#include "plugins/support/deleter.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace rtspproxy::settings {
namespace {

struct Scheme {
    std::string_view name;
    Transport transport;
    bool tls;
};

constexpr std::array<Scheme, 8> kSchemes = {{
    {"rtsp", Transport::Automatic, false},
    {"rtspu", Transport::Udp, false},
    {"rtspt", Transport::Tcp, false},
    {"rtsph", Transport::HttpTunnel, false},
    {"rtsps", Transport::Automatic, true},
    {"rtspsu", Transport::Udp, true},
    {"rtspst", Transport::Tcp, true},
    {"rtspsh", Transport::HttpTunnel, true},
}};

// GUri's components, as g_uri_split_with_user() hands them out.
struct Components {
    GCharPtr scheme;
    GCharPtr user;
    GCharPtr password;
    GCharPtr host;
    int port = -1;
};

// The same URL that a person would mean: unencoded '@' in the password are forgiven. The path and
// the query are not looked at, they go to the camera as they are.
constexpr auto kFlags = static_cast<GUriFlags>(
    G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH |
    G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT);

// GLib's own messages quote what they choke on, which may be a piece of the password.
tl::unexpected<Error> describe(const GError& error, const std::string& text) {
    switch (error.code) {
    case G_URI_ERROR_BAD_USER:
    case G_URI_ERROR_BAD_PASSWORD:
        return failure("user and password must be valid UTF-8 once percent-decoded");
    case G_URI_ERROR_BAD_HOST:
        return failure("the host is neither a host name, nor an IPv4 address, nor an IPv6 address "
                       "in brackets");
    case G_URI_ERROR_BAD_PORT:
        if (text.find('@') != std::string::npos)
            return failure("the port must be a number from 1 to 65535 (in a password, write "
                           "'/' as %2F, '?' as %3F, '#' as %23)");
        return failure("the port must be a number from 1 to 65535");
    default:
        return failure("not a valid URL");
    }
}

Result<Components> split(const std::string& text) {
    char* scheme = nullptr;
    char* user = nullptr;
    char* password = nullptr;
    char* host = nullptr;
    GError* error = nullptr;
    Components parts;
    const bool valid =
        g_uri_split_with_user(text.c_str(), kFlags, &scheme, &user, &password, nullptr, &host,
                              &parts.port, nullptr, nullptr, nullptr, &error) != 0;
    // Before the check: GLib leaves user and password behind when it fails at the host or the port.
    parts.scheme.reset(scheme);
    parts.user.reset(user);
    parts.password.reset(password);
    parts.host.reset(host);
    if (!valid)
        return describe(*GErrorPtr(error), text);
    return parts;
}

bool is_host_name_character(char c) {
    return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
}

// GUri has taken the brackets off, so a colon means an IPv6 address.
bool is_host(std::string_view host) {
    if (host.find(':') != std::string_view::npos)
        return g_hostname_is_ip_address(std::string(host).c_str()) != 0;
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_name_character);
}

bool is_unprintable(char c) {
    return c == ' ' || g_ascii_iscntrl(c);
}

const Scheme* find_scheme(std::string_view name) {
    const auto* scheme = std::find_if(kSchemes.begin(), kSchemes.end(),
                                      [&](const auto& known) { return known.name == name; });
    return scheme == kSchemes.end() ? nullptr : scheme;
}

std::optional<std::string> to_optional(const GCharPtr& text) {
    return text ? std::optional<std::string>(text.get()) : std::nullopt;
}

// Cuts user:password@ out of the text instead of building a new URL: whatever the camera wants in
// its path and query stays as it was typed.
std::string without_user_info(const std::string& text, const Scheme& scheme) {
    const auto begin = scheme.name.size() + 3;
    const auto end = std::min(text.find_first_of("/?#", begin), text.size());
    auto authority = text.substr(begin, end - begin);
    authority.erase(0, authority.rfind('@') + 1); // npos + 1 is 0
    if (const auto zone = authority.find("%25"); zone != std::string::npos)
        authority.erase(zone + 1, 2);
    return std::string(scheme.name) + "://" + authority + text.substr(end);
}

} // namespace

Result<BackendUrl> parse_backend_url(const std::string& text) {
    if (text.find("://") == std::string::npos)
        return failure("not an RTSP URL, which looks like rtsp://host/path");
    if (std::any_of(text.begin(), text.end(), is_unprintable))
        return failure("a URL holds no spaces or control characters (write a space as %20)");
    auto parts = split(text);
    if (!parts)
        return tl::unexpected(std::move(parts.error()));

    const GCharPtr scheme_name(g_ascii_strdown(parts->scheme ? parts->scheme.get() : "", -1));
    const auto* scheme = find_scheme(scheme_name.get());
    if (scheme == nullptr)
        return failure("the scheme must be rtsp, rtsps, rtspt, rtspu or rtsph");
    if (!parts->host || !is_host(parts->host.get()))
        return failure("the host is missing or malformed");
    if (parts->port == 0)
        return failure("the port must be a number from 1 to 65535");
    if (const auto end = text.find_first_of("/?#", scheme->name.size() + 3);
        end != std::string::npos && text[end] == '#')
        return failure("'#' must be percent-encoded as %23");
    if (parts->user && *parts->user == '\0')
        return failure("the user name before '@' is empty");

    return BackendUrl{.url = without_user_info(text, *scheme),
                      .user = to_optional(parts->user),
                      .password = to_optional(parts->password),
                      .transport = scheme->transport,
                      .tls = scheme->tls,
                      .port = static_cast<std::uint16_t>(std::max(parts->port, 0))};
}

} // namespace rtspproxy::settings
