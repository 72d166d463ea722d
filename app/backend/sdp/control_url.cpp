#include "app/backend/sdp/control_url.hpp"

#include <algorithm>

namespace rtspproxy::backend::sdp {
namespace {

bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}
bool is_scheme_character(char character) {
    return is_letter(character) || (character >= '0' && character <= '9') || character == '+' ||
           character == '-' || character == '.';
}

// The length of "rtsp://" or another scheme at the beginning; 0 if there is none.
std::size_t scheme_length(std::string_view url) {
    const std::size_t end = url.find("://");
    if (end == std::string_view::npos || end == 0 || !is_letter(url.front()) ||
        !std::ranges::all_of(url.substr(0, end), is_scheme_character))
        return 0;
    return end + 3;
}

// "rtsp://host:port" of a URL, without what follows.
std::string_view origin_of(std::string_view url) {
    const std::size_t host = scheme_length(url);
    return url.substr(0, std::min(url.find_first_of("/?#", host), url.size()));
}

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// Whether a control names the whole session, as no control does.
bool is_general(std::string_view control) {
    return control.empty() || control == "*";
}

} // namespace

bool is_absolute(std::string_view url) {
    return scheme_length(url) != 0;
}

std::string base_url(std::string_view request_url, std::string_view content_base) {
    const std::string_view base = without_blanks(content_base);
    if (base.empty())
        return std::string(request_url);
    if (is_absolute(base))
        return std::string(base);
    if (base.front() == '/')
        return std::string(origin_of(request_url)) + std::string(base);
    // "192.0.2.1:554/live" and the like, without a scheme.
    if (base.substr(0, base.find('/')).find_first_of(".:") != std::string_view::npos)
        return std::string(request_url.substr(0, scheme_length(request_url))) + std::string(base);
    return resolved(request_url, base);
}

std::string aggregate_url(std::string_view base, std::string_view session_control) {
    const std::string_view control = without_blanks(session_control);
    return std::string(is_absolute(control) ? control : base);
}

std::string appended(std::string_view base, std::string_view control) {
    std::string url(base);
    const bool ends = base.ends_with('/');
    const bool begins = control.starts_with('/');
    if (!ends && !begins)
        url += '/';
    return url.append(ends && begins ? control.substr(1) : control);
}

std::string resolved(std::string_view base, std::string_view control) {
    if (is_absolute(control))
        return std::string(control);
    const std::string_view origin = origin_of(base);
    if (control.starts_with("//"))
        return std::string(base.substr(0, scheme_length(base))) + std::string(control.substr(2));
    if (control.starts_with('/'))
        return std::string(origin) + std::string(control);
    const std::string_view path =
        base.substr(0, std::min(base.find_first_of("?#", origin.size()), base.size()));
    if (control.starts_with('?'))
        return std::string(path) + std::string(control);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos || slash < origin.size())
        return std::string(origin) + '/' + std::string(control);
    return std::string(path.substr(0, slash + 1)) + std::string(control);
}

std::vector<std::string> setup_urls(std::string_view base, std::string_view session_control,
                                    std::string_view control) {
    std::string_view own = without_blanks(control);
    const std::string_view general = without_blanks(session_control);
    // RFC 2326 §C.3: a session of one track may have its control at session level.
    if (is_general(own) && !is_general(general) && !is_absolute(general))
        own = general;
    const std::string aggregate = aggregate_url(base, session_control);
    if (is_general(own))
        return {aggregate};
    if (is_absolute(own))
        return {std::string(own)};
    std::vector<std::string> urls{appended(aggregate, own)};
    if (std::string second = resolved(aggregate, own); second != urls.front())
        urls.push_back(std::move(second));
    return urls;
}

} // namespace rtspproxy::backend::sdp
