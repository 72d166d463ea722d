// Keeps passwords out of everything that a person or another process can read. Where in a URL they
// may stand is known to plugins/text/.
#pragma once

#include "app/settings/announce_command.hpp"
#include "app/settings/settings.hpp"
#include "plugins/text/secrets.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::settings {

using text::Span;

// Where `text` (a URL, a NAME=URL, or a failed attempt at one) holds what is or may be a password;
// see text::secret_spans().
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
