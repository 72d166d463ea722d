// What a command line asks for.
#pragma once

#include "app/settings/announce_command.hpp"
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

// Settings: run with them. AnnounceCommand: tell another proxy, and exit.
using Invocation = std::variant<Settings, AnnounceCommand, TextToPrint, WrongUsage>;

} // namespace rtspproxy::settings
