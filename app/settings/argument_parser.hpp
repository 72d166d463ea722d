// CLI11 as all command lines of the program use it.
#pragma once

#include "app/settings/invocation.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace rtspproxy::settings {

// For --help, in this order. `usage`: lines, the first behind "Usage: ", without the last one's
// end.
struct ProgramText {
    const char* name;
    const char* description;
    const char* usage;
    const char* footer;
};

// Without options, --help included.
std::unique_ptr<CLI::App> make_app(const ProgramText& text);

// Has `app` parse argv, argv[0] ignored. Nothing: the options have their values. Else what to do
// instead: print help or version, or complain.
std::optional<Invocation> parse_arguments(CLI::App& app, int argc, const char* const* argv);

} // namespace rtspproxy::settings
