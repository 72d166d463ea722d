// The layout of --help: usage, then groups, each with its positional arguments first, wrapped for
// a terminal of 80 columns.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace rtspproxy::settings {

class HelpFormatter : public CLI::Formatter {
  public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
    std::string make_usage(const CLI::App* app, std::string name) const override;
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
};

} // namespace rtspproxy::settings
