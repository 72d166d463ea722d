// The options about back ends: which, how they are reached, when they are played.
#pragma once

#include "app/settings/backend_url.hpp"
#include "app/settings/login.hpp"
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

class BackendOptions {
  public:
    // Declares the options; `app` writes into this object when it parses.
    void add_to(CLI::App& app);
    // Fills Settings::backends, ::defaults and ::demo, once ::registration is filled.
    Result<void> apply(Settings& settings, const Environment& environment) const;

  private:
    void add_timing_options(CLI::App& app);
    [[nodiscard]] Result<BackendSettings> read_defaults(const Environment& environment) const;
    Result<void> read_timeouts(BackendSettings& defaults) const;
    [[nodiscard]] Result<std::optional<Credentials>>
    read_login(const Environment& environment) const;
    [[nodiscard]] Result<BackendSettings> read_backend(const std::string& argument,
                                                       const Settings& settings) const;
    [[nodiscard]] std::string describe(const std::string& argument, const Settings& settings) const;
    [[nodiscard]] bool swallowed_a_url(const Settings& settings) const;
    [[nodiscard]] std::string describe_missing(const Settings& settings) const;

    std::vector<std::string> urls_;
    bool tcp_ = false;
    bool strict_transport_ = false;
    bool always_on_ = false;
    bool demo_ = false;
    std::optional<std::string> http_tunnel_, latency_, connect_timeout_, stall_timeout_,
        idle_timeout_, clock_, password_file_;
    std::optional<std::pair<std::string, std::string>> user_;
};

} // namespace rtspproxy::settings
