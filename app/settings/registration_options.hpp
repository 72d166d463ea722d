// The options about back ends that announce themselves.
#pragma once

#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace rtspproxy::settings {

class RegistrationOptions {
  public:
    // Declares the options; `app` writes into this object when it parses.
    void add_to(CLI::App& app);
    // Fills Settings::registration.
    Result<void> apply(Settings& settings) const;

  private:
    void add_limits(CLI::App& app);
    Result<void> read_users(RegistrationSettings& registration) const;
    Result<void> read_limits(RegistrationSettings& registration) const;

    bool enabled_ = false;
    std::vector<std::pair<std::string, std::string>> users_;
    std::optional<std::string> grace_, max_registered_, max_pending_, max_pending_per_address_,
        timeout_, max_request_bytes_;
};

} // namespace rtspproxy::settings
