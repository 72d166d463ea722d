// The program's own messages: one line each on stderr, without secrets. What others say (a camera's
// reason phrase, a header) reaches no terminal as it is: see printable().
#pragma once

#include "app/settings/settings.hpp"

#include <string_view>

namespace rtspproxy::log {

// Quiet: warnings and errors. Verbose and more: also what is going on. At the start, before
// threads.
void set_verbosity(settings::Verbosity verbosity);

// Like printf; thread-safe.
[[gnu::format(printf, 1, 2)]] void error(const char* format, ...);
[[gnu::format(printf, 1, 2)]] void warning(const char* format, ...);
[[gnu::format(printf, 1, 2)]] void info(const char* format, ...);

// Whole lines, each made printable, in one write. What is printed beside the messages goes this
// way.
void print_lines(std::string_view text);

} // namespace rtspproxy::log
