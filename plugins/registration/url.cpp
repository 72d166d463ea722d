#include "plugins/registration/url.hpp"

#include "plugins/registration/message.hpp"

#include <algorithm>
#include <array>

namespace rtspproxy::registration {

namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr unsigned long kMaxPort = 65535;

bool is_url_character(char c) {
    constexpr std::string_view kMarks = "-._~:/?#[]@!$&'()*+,;=%";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
}

// Where "user:password@host:port" lies in a URL.
struct Authority {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t host = 0; // behind the '@', or begin
};

Authority find_authority(std::string_view url) {
    Authority authority;
    const std::size_t scheme = url.find(kSchemeEnd);
    authority.begin = scheme == std::string_view::npos ? 0 : scheme + kSchemeEnd.size();
    authority.end = std::min(url.find_first_of("/?#", authority.begin), url.size());
    const std::size_t at = url.substr(0, authority.end).rfind('@');
    authority.host =
        at == std::string_view::npos || at < authority.begin ? authority.begin : at + 1;
    return authority;
}

Result<void> check_host_and_port(std::string_view host_and_port) {
    std::string_view port;
    std::size_t host_length = 0;
    if (host_and_port.starts_with('[')) {
        const std::size_t bracket = host_and_port.find(']');
        if (bracket == std::string_view::npos)
            return failure("the URL's IPv6 address lacks its closing bracket");
        host_length = bracket + 1;
        if (host_length < host_and_port.size() && host_and_port[host_length] != ':')
            return failure("the URL has something between its host and its port");
        port = host_and_port.substr(host_length);
    } else {
        host_length = std::min(host_and_port.find(':'), host_and_port.size());
        port = host_and_port.substr(host_length);
    }
    if (host_length == 0)
        return failure("the URL has no host");
    if (port.empty())
        return {};
    if (!parse_number(port.substr(1), kMaxPort).value_or(0))
        return failure("the URL's port is not a number from 1 to 65535");
    return {};
}

} // namespace

Result<void> check_rtsp_url(std::string_view url) {
    // Those that rtspsrc takes: with UDP, TCP or an HTTP tunnel, and each of them over TLS.
    constexpr std::array<std::string_view, 8> kSchemes{"rtsp",  "rtspu",  "rtspt",  "rtsph",
                                                       "rtsps", "rtspsu", "rtspst", "rtspsh"};
    if (url.size() > kMaxUrlLength)
        return failure("the URL is longer than 2048 characters");
    if (!std::all_of(url.begin(), url.end(), is_url_character))
        return failure("the URL has a character that must be percent-encoded");
    const std::size_t scheme = url.find(kSchemeEnd);
    if (scheme == std::string_view::npos ||
        std::none_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view known) {
            return equals_ignoring_case(known, url.substr(0, scheme));
        }))
        return failure(
            "the URL does not begin with rtsp://, rtsps://, rtspt://, rtspu:// or rtsph://");
    const Authority authority = find_authority(url);
    return check_host_and_port(url.substr(authority.host, authority.end - authority.host));
}

} // namespace rtspproxy::registration
