// The options about what clients get, and what happens to those that read slowly.
#pragma once

#include "app/settings/settings.hpp"
#include "plugins/support/result.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace rtspproxy::settings {

class DeliveryOptions {
  public:
    // Declares the options; `app` writes into this object when it parses.
    void add_to(CLI::App& app);
    // Fills Settings::delivery, and what the back ends have of it, once these are filled.
    Result<void> apply(Settings& settings) const;

  private:
    bool no_fast_start_ = false;
    std::optional<std::string> max_gop_bytes_, max_queue_bytes_, stuck_timeout_;
};

} // namespace rtspproxy::settings
