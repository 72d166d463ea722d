// Keeps passwords out of everything that a person or another process can read: the one place that
// knows where in a URL or an argument they may stand.
#pragma once

#include "app/settings/announce_command.hpp"
#include "app/settings/settings.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::settings {

// A stretch of bytes in a text.
struct Span {
    std::size_t begin;
    std::size_t length;
    bool operator==(const Span&) const = default;
};

// Where `text` (a URL, a NAME=URL, or a failed attempt at one) holds what is or may be a password,
// in ascending order:
//   - the password of user:password@, also where the text is no valid URL ("cam:secret@host") and
//     where an unencoded '@', '/', '?' or '#' in the password moved the end of the host part;
//   - the value of password=, passwd=, pass=, pwd=, psw= or pw= in the path or the query, as many
//     cameras want it (rtsp://camera/user=admin_password=secret_channel=1).
// When in doubt too much is reported rather than too little: an '@' in the path of a URL that has a
// port is taken for the end of a password. An empty password is an empty span.
std::vector<Span> secret_spans(std::string_view text);

// `text` with "***" for every secret, whatever its length: rtsp://user:***@host/path.
std::string mask_secrets(std::string_view text);

// `text` masked, without control characters, shortened to a printable length, and in double quotes:
// for messages about something that the operator typed.
std::string masked_quote(std::string_view text);

// Overwrites in place, with '*', every password that the command line held, so that it no longer
// shows in /proc/PID/cmdline and ps: the secrets of URLs, and every argument that is a password
// of `settings` or `command`. Call it once, early in main(), with the argv that main() was given,
// after parse(): nothing may use the values in argv afterwards. For a moment after the start they
// were visible; who cannot accept that uses --password-file.
void scrub_arguments(int argc, char** argv, const Settings& settings);
void scrub_arguments(int argc, char** argv, const AnnounceCommand& command);

} // namespace rtspproxy::settings
