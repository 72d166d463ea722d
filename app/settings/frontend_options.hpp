// The options about the front end: where clients find the proxy.
#pragma once

#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace rtspproxy::settings {

class FrontendOptions {
  public:
    // Declares the options; `app` writes into this object when it parses.
    void add_to(CLI::App& app);
    // Fills Settings::port and ::bind_address.
    Result<void> apply(Settings& settings) const;

  private:
    std::optional<std::string> port_, bind_;
};

} // namespace rtspproxy::settings
