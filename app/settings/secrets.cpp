#include "app/settings/secrets.hpp"

#include "app/settings/mount_names.hpp"

#include <glib.h>

#include <algorithm>
#include <cstring>

namespace rtspproxy::settings {
namespace {

constexpr std::size_t kLongestQuote = 200;

// Where the URL in an argument starts. A NAME= that is no mount name may be the front part of a
// URL without scheme: then all of it is looked through.
std::size_t find_url(std::string_view text) {
    const auto named = split_named_url(text);
    return named.has_name && parse_mount_name(named.name) ? named.url_begin : 0;
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
    const auto url = find_url(text);
    auto spans = text::secret_spans(text.substr(url));
    for (auto& span : spans)
        span.begin += url;
    return spans;
}

std::string mask_secrets(std::string_view text) {
    return text::mask(text, secret_spans(text));
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
