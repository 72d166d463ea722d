// The program's own messages: one line each on stderr, without secrets.
#pragma once

#include "app/settings/settings.hpp"

namespace rtspproxy::log {

// Quiet: warnings and errors. Verbose and more: also what is going on. At the start, before
// threads.
void set_verbosity(settings::Verbosity verbosity);

// Like printf; thread-safe.
[[gnu::format(printf, 1, 2)]] void error(const char* format, ...);
[[gnu::format(printf, 1, 2)]] void warning(const char* format, ...);
[[gnu::format(printf, 1, 2)]] void info(const char* format, ...);

} // namespace rtspproxy::log
