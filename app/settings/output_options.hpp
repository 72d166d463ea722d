// The options about what the program prints, and how to find out what it does.
#pragma once

#include "app/settings/settings.hpp"

namespace CLI {
class App;
}

namespace rtspproxy::settings {

class OutputOptions {
  public:
    // Declares the options, --help and --version among them; `app` writes into this object when it
    // parses.
    void add_to(CLI::App& app);
    // Fills Settings::verbosity and ::print_launch.
    void apply(Settings& settings) const;

  private:
    bool verbose_ = false;
    bool very_verbose_ = false;
    bool print_launch_ = false;
};

} // namespace rtspproxy::settings
