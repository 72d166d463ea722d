#include "app/settings/registration_options.hpp"

#include "app/settings/login.hpp"
#include "app/settings/option_group.hpp"
#include "app/settings/option_values.hpp"
#include "app/settings/secrets.hpp"

#include <algorithm>

namespace rtspproxy::settings {
namespace {

constexpr auto kRegister = "-R,--register";
constexpr auto kUser = "-U,--register-user";
constexpr auto kGrace = "--register-grace";
constexpr auto kMaxRegisteredOption = "--max-registered";
constexpr auto kMaxPendingOption = "--max-pending";
constexpr auto kMaxPendingPerAddress = "--max-pending-per-address";
constexpr auto kTimeout = "--register-timeout";
constexpr auto kMaxRequestBytesOption = "--max-request-bytes";

} // namespace

void RegistrationOptions::add_to(CLI::App& app) {
    app.option_defaults()->group("Registration");
    add_switch(app, kRegister, enabled_,
               "Let back ends, or others for them, add and remove streams by the RTSP commands "
               "REGISTER and DEREGISTER. No URL is needed then. --tcp, --user and the times above "
               "hold for these streams, too.");
    add_pairs(app, kUser, users_, "USER PASSWORD",
              "Who may register (Digest login); \"\" is an empty password. May be given several "
              "times. Default: everybody who can connect.");
    const RegistrationSettings defaults;
    add_value(app, kGrace, grace_, "S",
              "When the connection that a device lends for its stream ends: how long its viewers "
              "are kept for it to register again, " +
                  describe_seconds(kRegisterGrace, defaults.grace));
    add_limits(app);
}

void RegistrationOptions::add_limits(CLI::App& app) {
    const RegistrationSettings defaults;
    add_value(app, kMaxRegisteredOption, max_registered_, "N",
              "Most registered streams at a time, " +
                  describe_count(kMaxRegistered, "streams", defaults.max_registered));
    add_value(app, kMaxPendingOption, max_pending_, "N",
              "Most connections that have not yet said whether they register or play; one more "
              "ends the one that has been silent longest, " +
                  describe_count(kMaxPending, "connections", defaults.max_pending));
    add_value(app, kMaxPendingPerAddress, max_pending_per_address_, "N",
              "The same of one address (IPv6: of one /64 network), " +
                  describe_count(kMaxPending, "connections", defaults.max_pending_per_address));
    add_value(app, kTimeout, timeout_, "S",
              "How long a connection has to say it, and to send its whole REGISTER, " +
                  describe_seconds(kRegisterTimeout, defaults.decide_timeout));
    add_value(app, kMaxRequestBytesOption, max_request_bytes_, "N",
              "Longest REGISTER or DEREGISTER request, " +
                  describe_count(kMaxRequestBytes, "bytes", defaults.max_request_bytes));
}

Result<void> RegistrationOptions::apply(Settings& settings) const {
    if (!enabled_ && !users_.empty())
        return failure(std::string(kUser) + ": needs " + kRegister +
                       ", without which nobody may register");
    auto& registration = settings.registration;
    registration.enabled = enabled_;
    return read_users(registration).and_then([&] { return read_limits(registration); });
}

Result<void> RegistrationOptions::read_users(RegistrationSettings& registration) const {
    auto& users = registration.users;
    for (const auto& [user, password] : users_) {
        if (auto checked = check_user_name(kUser, user); !checked)
            return checked;
        if (std::any_of(users.begin(), users.end(),
                        [&](const auto& other) { return other.user == user; }))
            return failure(std::string(kUser) + ": user " + masked_quote(user) +
                           " is given more than once");
        users.push_back({user, password});
    }
    return {};
}

Result<void> RegistrationOptions::read_limits(RegistrationSettings& registration) const {
    return read_seconds(kGrace, grace_, kRegisterGrace, registration.grace)
        .and_then([&] {
            return read_count(kMaxRegisteredOption, max_registered_, kMaxRegistered,
                              registration.max_registered);
        })
        .and_then([&] {
            return read_count(kMaxPendingOption, max_pending_, kMaxPending,
                              registration.max_pending);
        })
        .and_then([&] {
            return read_count(kMaxPendingPerAddress, max_pending_per_address_, kMaxPending,
                              registration.max_pending_per_address);
        })
        .and_then([&] {
            return read_seconds(kTimeout, timeout_, kRegisterTimeout, registration.decide_timeout);
        })
        .and_then([&] {
            return read_count(kMaxRequestBytesOption, max_request_bytes_, kMaxRequestBytes,
                              registration.max_request_bytes);
        });
}

} // namespace rtspproxy::settings
