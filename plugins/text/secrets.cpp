#include "plugins/text/secrets.hpp"

#include "plugins/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace rtspproxy::text {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kMask = "***";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

bool is_scheme_character(char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

// The user:password@host:port part of a URL, and whether it may be taken at its word.
struct Authority {
    std::size_t begin;
    std::string_view text;
    bool follows_scheme;
};

// Without a scheme nothing tells host and path apart: all of it may be user:password@host.
std::optional<Authority> find_authority(std::string_view text) {
    const auto scheme = find_scheme_end(text);
    if (scheme == npos)
        return Authority{0, text, false};
    const auto begin = text.find_first_not_of('/', scheme + 1);
    if (begin == npos)
        return std::nullopt;
    const auto end = std::min(text.find_first_of("/?#", begin), text.size());
    return Authority{begin, text.substr(begin, end - begin), true};
}

// The end of the password that starts at `begin`: the last '@'. But one behind a '=' in the query
// belongs to a named value (?mail=a@b), if the URL is one otherwise.
std::size_t password_end(std::string_view text, std::size_t begin, bool well_formed) {
    auto limit = text.size();
    if (well_formed)
        if (const auto query = text.find('?', begin); query != npos)
            limit = std::min(text.find('=', query), text.size());
    return text.substr(begin, limit - begin).rfind('@');
}

std::optional<Span> user_info_password(std::string_view text) {
    const auto authority = find_authority(text);
    if (!authority)
        return std::nullopt;
    const auto colon = authority->text.find(':');
    if (colon == npos)
        return std::nullopt;
    const auto at = authority->text.rfind('@');
    if (at == npos && authority->text.front() == '[')
        return std::nullopt; // an IPv6 address: no user name stands before this colon
    if (at != npos && at < colon)
        return std::nullopt; // a user without password, then host:port

    const auto rest = authority->text.substr(colon + 1);
    const bool is_port = std::all_of(rest.begin(), rest.end(), is_digit);
    const bool well_formed = authority->follows_scheme && (at != npos || is_port);
    const auto begin = authority->begin + colon + 1;
    if (const auto length = password_end(text, begin, well_formed); length != npos)
        return Span{begin, length};
    // No '@' at all: either host:port, or the host was forgotten.
    if (well_formed || rest.starts_with('/'))
        return std::nullopt;
    return Span{begin, rest.size()};
}

// The length of "password=" and the like if `text` starts with one, else 0.
std::size_t password_key(std::string_view text) {
    static constexpr std::array<std::string_view, 6> kKeys = {
        "password=", "passwd=", "pass=", "pwd=", "psw=", "pw="};
    for (const auto key : kKeys)
        if (equals_ignoring_case(text.substr(0, key.size()), key))
            return key.size();
    return 0;
}

// Some cameras join their parameters by '_': whether `text` starts with "_channel=" or the like.
bool starts_joined_parameter(std::string_view text) {
    if (text.empty() || text.front() != '_')
        return false;
    const auto* name_end = std::find_if_not(text.begin() + 1, text.end(), is_letter);
    return name_end != text.begin() + 1 && name_end != text.end() && *name_end == '=';
}

std::size_t parameter_end(std::string_view text, std::size_t begin, bool in_query) {
    const std::string_view delimiters = in_query ? "&;#" : "&;#/?";
    for (auto i = begin; i < text.size(); ++i)
        if (delimiters.find(text[i]) != npos || starts_joined_parameter(text.substr(i)))
            return i;
    return text.size();
}

void add_parameter_passwords(std::string_view text, std::size_t start, std::vector<Span>& spans) {
    const auto query = text.find('?', start);
    for (auto i = start; i < text.size(); ++i) {
        if (i > start && std::string_view("?&;/_").find(text[i - 1]) == npos)
            continue;
        const auto key = password_key(text.substr(i));
        if (key == 0)
            continue;
        const auto end = parameter_end(text, i + key, i > query);
        spans.push_back({i + key, end - i - key});
        i = end;
    }
}

} // namespace

std::size_t find_scheme_end(std::string_view text) {
    const auto end = text.find("://");
    if (end == npos || end == 0 || !is_letter(text.front()))
        return npos;
    const auto scheme = text.substr(0, end);
    return std::all_of(scheme.begin(), scheme.end(), is_scheme_character) ? end : npos;
}

std::vector<Span> secret_spans(std::string_view text) {
    std::vector<Span> spans;
    std::size_t rest = 0;
    if (const auto span = user_info_password(text)) {
        spans.push_back(*span);
        rest = span->begin + span->length;
    }
    add_parameter_passwords(text, rest, spans);
    return spans;
}

std::string mask(std::string_view text, const std::vector<Span>& secrets) {
    std::string masked;
    std::size_t done = 0;
    for (const auto& secret : secrets) {
        masked.append(text.substr(done, secret.begin - done)).append(kMask);
        done = secret.begin + secret.length;
    }
    return masked.append(text.substr(done));
}

std::string mask_secrets(std::string_view text) {
    return mask(text, secret_spans(text));
}

std::string mask_urls_within(std::string_view line) {
    constexpr std::string_view kEnds = " \t\",<>";
    std::string masked;
    while (!line.empty()) {
        const auto colon = line.find("://");
        if (colon == npos)
            break;
        auto begin = colon;
        while (begin > 0 && is_scheme_character(line[begin - 1]))
            --begin;
        const auto end = std::min(line.find_first_of(kEnds, colon), line.size());
        masked.append(line.substr(0, begin)).append(mask_secrets(line.substr(begin, end - begin)));
        line.remove_prefix(end);
    }
    return masked.append(line);
}

} // namespace rtspproxy::text
