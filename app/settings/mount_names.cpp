#include "app/settings/mount_names.hpp"

#include "plugins/text/secrets.hpp"

#include <glib.h>

#include <algorithm>

namespace rtspproxy::settings {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kLongestMountName = 255;

bool is_mount_character(char c) {
    return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

bool is_mount_segment(std::string_view segment) {
    return !segment.empty() && segment != "." && segment != ".." &&
           std::all_of(segment.begin(), segment.end(), is_mount_character);
}

} // namespace

NamedUrl split_named_url(std::string_view argument) {
    if (text::find_scheme_end(argument) == npos) {
        const auto equals = argument.find('=');
        // The first '=' and not the last: a password in front of a URL within a query must not
        // pass for a name.
        if (equals != npos && text::find_scheme_end(argument.substr(equals + 1)) != npos)
            return {.has_name = true,
                    .name = argument.substr(0, equals),
                    .url = argument.substr(equals + 1),
                    .url_begin = equals + 1};
    }
    return {.has_name = false, .name = {}, .url = argument, .url_begin = 0};
}

Result<std::string> parse_mount_name(std::string_view name) {
    if (name.starts_with('/'))
        name.remove_prefix(1);
    if (name.size() > kLongestMountName)
        return failure("a mount name has at most 255 characters");
    for (std::size_t begin = 0;;) {
        const auto slash = std::min(name.find('/', begin), name.size());
        if (!is_mount_segment(name.substr(begin, slash - begin)))
            return failure("a mount name is one or more path segments of letters, digits, "
                           "'-', '_', '.' and '~'");
        if (slash == name.size())
            return std::string(name);
        begin = slash + 1;
    }
}

std::string default_mount(std::size_t position, std::size_t count) {
    return count == 1 ? "proxyStream" : "proxyStream-" + std::to_string(position + 1);
}

} // namespace rtspproxy::settings
