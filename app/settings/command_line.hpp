// The command line: from argv to what is to be done.
#pragma once

#include "app/settings/invocation.hpp"
#include "app/settings/login.hpp"

namespace rtspproxy::settings {

// Reads the command line (argv[0] is ignored) and, for GST_RTSP_PROXY_USER and
// GST_RTSP_PROXY_PASSWORD, the environment; opens no file but that of --password-file. With
// Settings or AnnounceCommand, go on with scrub_arguments() (secrets.hpp).
//
// If the first argument is "register" or "deregister", it is the command of that name.
//
// Settings::backends are in the order of the URLs, each with its mount. With --demo the embedded
// camera is not among them, its URL being unknown yet: it is to be added behind them, made from
// Settings::defaults, with the mount default_mount(backends.size(), backends.size() + 1)
// (mount_names.hpp), which no other back end has.
Invocation parse(int argc, const char* const* argv,
                 const Environment& environment = process_environment());

} // namespace rtspproxy::settings
