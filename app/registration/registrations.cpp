#include "app/registration/registrations.hpp"

#include "app/log.hpp"
#include "app/settings/secrets.hpp"

#include <utility>

namespace rtspproxy::registration_app {
namespace {

constexpr unsigned kOk = 200;

// For the log: the name asked for, or the URL.
std::string describe(const std::string& url, const std::string& suffix) {
    return suffix.empty() ? settings::mask_secrets(url) : suffix;
}

} // namespace

std::shared_ptr<Registrations> Registrations::create(RegistrationOptions options,
                                                     Listener& listener) {
    return std::shared_ptr<Registrations>(new Registrations(std::move(options), listener));
}

Registrations::Registrations(RegistrationOptions options, Listener& listener)
    : grace_(options.grace), listener_(listener), table_(std::move(options.rules)),
      splicer_(options.splice) {}

// The element's thread

unsigned Registrations::on_register(const std::string& url, const std::string& suffix,
                                    bool interleaved, bool reuse, const std::string& peer) {
    const auto registered = table_.lock()->add({url, suffix, interleaved, reuse, peer});
    if (registered.status != kOk)
        log::info("REGISTER of %s by %s refused: %u", describe(url, suffix).c_str(), peer.c_str(),
                  registered.status);
    else if (!reuse)
        post([settings = registered.backend](Registrations& self) { self.add(settings); });
    return registered.status;
}

unsigned Registrations::on_deregister(const std::string& url, const std::string& suffix,
                                      const std::string& peer) {
    const auto removed = table_.lock()->remove(url, suffix, peer);
    if (removed.status != kOk)
        log::info("DEREGISTER of %s by %s refused: %u", describe(url, suffix).c_str(), peer.c_str(),
                  removed.status);
    for (const auto& mount : removed.mounts)
        post([mount, peer](Registrations& self) {
            log::info("%s: deregistered by %s", mount.c_str(), peer.c_str());
            self.remove(mount);
        });
    return removed.status;
}

void Registrations::on_reuse(Ref<GSocket> socket, const std::string& url, const std::string& suffix,
                             const std::string& peer) {
    const auto found = table_.lock()->find_reused(url, suffix, peer);
    if (found.status != kOk)
        return; // registered otherwise meanwhile, or deregistered; the last reference closes it
    post([found, socket = std::move(socket)](Registrations& self) {
        self.add_reused(found.backend, found.number, socket);
    });
}

void Registrations::set_configured(std::set<std::string, std::less<>> mounts) {
    table_.lock()->set_configured(std::move(mounts));
}

void Registrations::post(std::function<void(Registrations&)> action) {
    post_to_main([weak = weak_from_this(), action = std::move(action)] {
        if (const auto self = weak.lock())
            action(*self);
    });
}

// Main context

void Registrations::add(const settings::BackendSettings& settings) {
    Mount& mount = mounts_[settings.mount];
    mount.grace.cancel();
    mount.device = 0;
    mount.connection.reset();
    tell(mount, settings);
}

void Registrations::add_reused(settings::BackendSettings settings, Number number,
                               Ref<GSocket> socket) {
    const std::string name = settings.mount;
    Mount* mount = mount_for_reuse(name, number);
    if (mount == nullptr)
        return;
    mount->grace.cancel();
    mount->device = ++last_device_;
    table_.lock()->set_suspended(name, number, false);
    mount->connection->set_device(
        std::move(socket),
        [weak = weak_from_this(), name, number, device = mount->device](const std::string& why) {
            post_to_main([=] {
                if (const auto self = weak.lock())
                    self->device_gone(name, number, device, why);
            });
        });
    settings.proxy = mount->connection->proxy();
    tell(*mount, std::move(settings));
}

// The mount with an open loopback port, which it keeps from one registration to the next.
Registrations::Mount* Registrations::mount_for_reuse(const std::string& name, Number number) {
    Mount& mount = mounts_[name];
    if (mount.connection)
        return &mount;
    auto connection = ReusedConnection::open(splicer_);
    if (connection) {
        mount.connection = std::move(*connection);
        return &mount;
    }
    log::warning("%s: %s", name.c_str(), connection.error().message.c_str());
    if (table_.lock()->expire(name, number))
        remove(name);
    return nullptr;
}

void Registrations::tell(Mount& mount, settings::BackendSettings settings) {
    if (mount.settings == settings) {
        listener_.retry_mount(settings.mount);
        return;
    }
    mount.settings = std::move(settings);
    listener_.add_mount(mount.settings);
}

void Registrations::remove(const std::string& name) {
    auto node = mounts_.extract(name);
    // A mount that was deregistered before its connection came was never added.
    if (!node.empty() && !node.mapped().settings.mount.empty())
        listener_.remove_mount(name);
}

void Registrations::device_gone(const std::string& name, Number number, std::uint64_t device,
                                const std::string& why) {
    const auto found = mounts_.find(name);
    if (found == mounts_.end() || found->second.device != device)
        return;
    log::info(
        "%s: the device is gone: %s; it has %lld s to register again", name.c_str(), why.c_str(),
        static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(grace_).count()));
    table_.lock()->set_suspended(name, number, true);
    found->second.grace.set(grace_, [this, name, number] { grace_over(name, number); });
}

// Unless the device has registered again and its connection is about to come.
void Registrations::grace_over(const std::string& name, Number number) {
    if (!table_.lock()->expire(name, number))
        return;
    log::info("%s: the device did not come back; removed", name.c_str());
    remove(name);
}

} // namespace rtspproxy::registration_app
