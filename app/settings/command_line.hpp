// The command line: from argv to what is to be done.
#pragma once

#include "app/settings/login.hpp"
#include "app/settings/settings.hpp"

#include <string>
#include <variant>

namespace rtspproxy::settings {

// --help, --version: print it on stdout as it is and exit with 0.
struct TextToPrint {
    std::string text;
};

// Print "gst-rtsp-proxy: " and the message on stderr and exit with 2. One line, without a newline;
// names the argument that is wrong and what is allowed; never holds a password.
struct WrongUsage {
    std::string message;
};

// Settings: run with them.
using Invocation = std::variant<Settings, TextToPrint, WrongUsage>;

// Reads the command line (argv[0] is ignored) and, for GST_RTSP_PROXY_USER and
// GST_RTSP_PROXY_PASSWORD, the environment; opens no file but that of --password-file. With
// Settings, go on with scrub_arguments() (secrets.hpp).
//
// Settings::backends are in the order of the URLs, each with its mount. With --demo the embedded
// camera is not among them, its URL being unknown yet: it is to be added behind them, made from
// Settings::defaults, with the mount default_mount(backends.size(), backends.size() + 1)
// (mount_names.hpp), which no other back end has.
Invocation parse(int argc, const char* const* argv,
                 const Environment& environment = process_environment());

} // namespace rtspproxy::settings
