// The names under which back ends are served: from NAME=URL, or by position.
#pragma once

#include "plugins/support/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rtspproxy::settings {

// A command-line argument "NAME=URL" or "URL", taken apart.
struct NamedUrl {
    bool has_name = false;
    std::string_view name;
    std::string_view url;
    std::size_t url_begin = 0; // where `url` starts in the argument
};

// NAME is what precedes the first '=' before the scheme: a '=' in the URL itself (?channel=1) does
// not make one. Without a scheme there is no telling, and all of it is the URL. Nothing is
// validated.
NamedUrl split_named_url(std::string_view argument);

// A mount name as it is kept: one or more path segments of letters, digits, '-', '_', '.' and '~',
// at most 255 bytes in all, without "." and ".." segments. One leading slash is forgiven.
Result<std::string> parse_mount_name(std::string_view name);

// The mount of the back end at `position` (from 0) of `count`: proxyStream if it is the only one,
// else proxyStream-1, proxyStream-2, …
std::string default_mount(std::size_t position, std::size_t count);

} // namespace rtspproxy::settings
