// The layout of --help: usage, then groups, each with its positional arguments first, wrapped for
// a terminal of 80 columns.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>

namespace rtspproxy::settings {

class HelpFormatter : public CLI::Formatter {
  public:
    // `usage`: the lines behind "Usage: ", without the last one's end.
    explicit HelpFormatter(std::string usage) : usage_(std::move(usage)) {}
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
    std::string make_usage(const CLI::App* app, std::string name) const override;
    std::string make_option(const CLI::Option* option, bool is_positional) const override;

  private:
    std::string usage_;
};

} // namespace rtspproxy::settings
