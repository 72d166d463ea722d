// The options about the front end: where clients find the proxy, and how many may be there.
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
    // Fills Settings::port, ::bind_address and ::connections.
    Result<void> apply(Settings& settings) const;

  private:
    Result<void> apply_limits(ConnectionSettings& connections) const;

    std::optional<std::string> port_, bind_;
    std::optional<std::string> max_connections_, max_per_address_, request_timeout_;
};

} // namespace rtspproxy::settings
