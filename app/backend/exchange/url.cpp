#include "app/backend/exchange/url.hpp"

#include "app/backend/exchange/message.hpp"

#include <algorithm>

namespace rtspproxy::backend::exchange {
namespace {

constexpr std::string_view kAuthority = "://";

} // namespace

bool is_rtsp_url(std::string_view text) {
    const std::size_t colon = text.find(kAuthority);
    const std::size_t host = colon + kAuthority.size();
    return colon != std::string_view::npos && starts_ignoring_case(text, "rtsp") && colon <= 5 &&
           host < text.size() && text[host] != '/';
}

std::string resolve(std::string_view base, std::string_view reference) {
    if (is_rtsp_url(reference))
        return std::string(reference);
    if (reference.empty() || !is_rtsp_url(base) ||
        reference.find(kAuthority) != std::string_view::npos)
        return {};
    const std::size_t host = base.find(kAuthority) + kAuthority.size();
    if (reference.starts_with("//"))
        return std::string(base.substr(0, host)) + std::string(reference.substr(2));
    const std::size_t path = std::min(base.find_first_of("/?", host), base.size());
    const std::string_view authority = base.substr(0, path);
    if (reference.front() == '/')
        return std::string(authority) + std::string(reference);
    const std::string_view before_query = base.substr(0, base.find('?'));
    if (reference.front() == '?')
        return std::string(before_query) + std::string(reference);
    const std::size_t slash = before_query.rfind('/');
    const std::string_view folder = slash >= path && slash != std::string_view::npos
                                        ? before_query.substr(0, slash)
                                        : authority;
    return std::string(folder) + "/" + std::string(reference);
}

} // namespace rtspproxy::backend::exchange
