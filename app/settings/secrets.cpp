#include "app/settings/secrets.hpp"

#include "app/settings/mount_names.hpp"

#include <glib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace rtspproxy::settings {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view kMask = "***";
constexpr std::size_t kLongestQuote = 200;

// Where the URL in an argument starts. A NAME= that is no mount name may be the front part of a
// URL without scheme: then all of it is looked through.
std::size_t find_url(std::string_view text) {
    const auto named = split_named_url(text);
    return named.has_name && parse_mount_name(named.name) ? named.url_begin : 0;
}

// The user:password@host:port part of a URL, and whether it may be taken at its word.
struct Authority {
    std::size_t begin;
    std::string_view text;
    bool follows_scheme;
};

// Without a scheme nothing tells host and path apart: all of it may be user:password@host.
std::optional<Authority> find_authority(std::string_view text) {
    const auto url = find_url(text);
    const auto scheme = find_scheme_end(text.substr(url));
    if (scheme == npos)
        return Authority{url, text.substr(url), false};
    const auto begin = text.find_first_not_of('/', url + scheme + 1);
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
    const bool is_port =
        std::all_of(rest.begin(), rest.end(), [](char c) { return g_ascii_isdigit(c); });
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
        if (text.size() >= key.size() &&
            g_ascii_strncasecmp(text.data(), key.data(), key.size()) == 0)
            return key.size();
    return 0;
}

// Some cameras join their parameters by '_': whether `text` starts with "_channel=" or the like.
bool starts_joined_parameter(std::string_view text) {
    if (text.empty() || text.front() != '_')
        return false;
    const auto* name_end =
        std::find_if_not(text.begin() + 1, text.end(), [](char c) { return g_ascii_isalpha(c); });
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

void overwrite(char* text, Span span) {
    std::memset(text + span.begin, '*', span.length);
}

using Passwords = std::vector<std::string_view>;

// `password` must outlive `passwords`. An empty one would match every empty argument.
void add_password(Passwords& passwords, const std::string& password) {
    if (!password.empty())
        passwords.emplace_back(password);
}

void scrub(int argc, char** argv, const Passwords& passwords) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view text = argv[i];
        if (std::find(passwords.begin(), passwords.end(), text) != passwords.end()) {
            overwrite(argv[i], {0, text.size()});
            continue;
        }
        for (const auto& span : secret_spans(text))
            overwrite(argv[i], span);
    }
}

} // namespace

std::vector<Span> secret_spans(std::string_view text) {
    std::vector<Span> spans;
    auto rest = find_url(text);
    if (const auto span = user_info_password(text)) {
        spans.push_back(*span);
        rest = span->begin + span->length;
    }
    add_parameter_passwords(text, rest, spans);
    return spans;
}

std::string mask_secrets(std::string_view text) {
    std::string masked;
    std::size_t done = 0;
    for (const auto& span : secret_spans(text)) {
        masked.append(text.substr(done, span.begin - done)).append(kMask);
        done = span.begin + span.length;
    }
    return masked.append(text.substr(done));
}

std::string masked_quote(std::string_view text) {
    auto shown = mask_secrets(text);
    if (shown.size() > kLongestQuote)
        shown = shown.substr(0, kLongestQuote) + "...";
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return g_ascii_iscntrl(c); }, '?');
    return '"' + shown + '"';
}

void scrub_arguments(int argc, char** argv, const Settings& settings) {
    Passwords passwords;
    if (settings.defaults.credentials)
        add_password(passwords, settings.defaults.credentials->password);
    for (const auto& backend : settings.backends)
        if (backend.credentials)
            add_password(passwords, backend.credentials->password);
    for (const auto& user : settings.registration.users)
        add_password(passwords, user.password);
    scrub(argc, argv, passwords);
}

void scrub_arguments(int argc, char** argv, const AnnounceCommand& command) {
    Passwords passwords;
    if (command.credentials)
        add_password(passwords, command.credentials->password);
    scrub(argc, argv, passwords);
}

} // namespace rtspproxy::settings
