#include "app/registration_desk.hpp"

#include "app/log.hpp"

#include <utility>

namespace rtspproxy {
namespace {

void set_limits(GstElement* front_door, const settings::RegistrationSettings& settings) {
    g_object_set(front_door, "max-pending", static_cast<guint>(settings.max_pending),
                 "max-pending-per-address", static_cast<guint>(settings.max_pending_per_address),
                 "decide-timeout", static_cast<guint>(settings.decide_timeout.count()),
                 "max-header-bytes", static_cast<guint>(settings.max_request_bytes), nullptr);
    for (const auto& user : settings.users)
        g_signal_emit_by_name(front_door, "add-user", user.user.c_str(), user.password.c_str());
}

registration_app::RegistrationOptions options_of(const settings::Settings& settings) {
    registration_app::RegistrationOptions options;
    options.rules.defaults = settings.defaults;
    for (const auto& backend : settings.backends)
        options.rules.configured.insert(backend.mount);
    options.rules.max_mounts = settings.registration.max_registered;
    options.rules.logins_checked = !settings.registration.users.empty();
    options.grace = settings.registration.grace;
    return options;
}

} // namespace

RegistrationDesk::RegistrationDesk(server::RtspServer& server, const settings::Settings& settings,
                                   Announce announce)
    : server_(server), announce_(std::move(announce)) {
    set_limits(server.front_door().element(), settings.registration);
    if (!settings.registration.enabled)
        return;
    registrations_ = registration_app::Registrations::create(options_of(settings), *this);
    server.front_door().accept_registrations(*this);
}

RegistrationDesk::~RegistrationDesk() = default;

unsigned RegistrationDesk::on_register(const std::string& url, const std::string& suffix,
                                       bool interleaved, bool reuse, const std::string& address) {
    return registrations_->on_register(url, suffix, interleaved, reuse, address);
}

unsigned RegistrationDesk::on_deregister(const std::string& url, const std::string& suffix,
                                         const std::string& address) {
    return registrations_->on_deregister(url, suffix, address);
}

void RegistrationDesk::on_reuse(Ref<GSocket> socket, const std::string& url,
                                const std::string& suffix, const std::string& address) {
    registrations_->on_reuse(std::move(socket), url, suffix, address);
}

void RegistrationDesk::add_mount(const settings::BackendSettings& settings) {
    server_.add_mount(settings);
    announce_(settings);
}

void RegistrationDesk::remove_mount(const std::string& mount) {
    log::info("%s: registration ended", mount.c_str());
    server_.remove_mount(mount);
}

void RegistrationDesk::retry_mount(const std::string& mount) {
    server_.retry_mount(mount);
}

} // namespace rtspproxy
