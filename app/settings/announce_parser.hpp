// The command lines of register and deregister.
#pragma once

#include "app/settings/invocation.hpp"

#include <string_view>

namespace rtspproxy::settings {

// Whether an argument names one of the two commands: a URL never does, it has "://".
bool is_announce_command(std::string_view argument);

// Reads "gst-rtsp-proxy register …", argv[1] being one of the commands; never returns Settings.
Invocation parse_announcement(int argc, const char* const* argv);

} // namespace rtspproxy::settings
