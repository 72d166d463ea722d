// Registrations: the mounts that back ends announce themselves with REGISTER. Answers at once, in
// the thread of the element rtspregister; what follows from the answers is done on the main
// context.
#pragma once

#include "app/registration/registration_table.hpp"
#include "app/registration/reused_connection.hpp"
#include "app/registration/splicer.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/main_loop.hpp"
#include "plugins/support/ref.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace rtspproxy::registration_app {

struct RegistrationOptions {
    RegistrationRules rules;
    // How long a mount waits for a device whose connection has ended to register again; its clients
    // stay. Then it is removed.
    std::chrono::milliseconds grace{30'000};
    SpliceOptions splice;
};

class Registrations : public std::enable_shared_from_this<Registrations> {
  public:
    // Called in the main context, never from within a method of Registrations.
    class Listener {
      public:
        virtual ~Listener() = default;
        // A new mount, or one with this name whose settings have changed.
        virtual void add_mount(const settings::BackendSettings& settings) = 0;
        virtual void remove_mount(const std::string& mount) = 0;
        // The same device has registered again with the same settings.
        virtual void retry_mount(const std::string& mount) = 0;
    };

    // `listener` must outlive it. Made and destroyed in the main context, once the element has
    // stopped; no mount is removed then.
    [[nodiscard]] static std::shared_ptr<Registrations> create(RegistrationOptions options,
                                                               Listener& listener);
    Registrations(const Registrations&) = delete;
    Registrations& operator=(const Registrations&) = delete;

    // The element's thread: the RTSP status to answer. `suffix` may be empty; `peer` is a numeric
    // address.
    [[nodiscard]] unsigned on_register(const std::string& url, const std::string& suffix,
                                       bool interleaved, bool reuse, const std::string& peer);
    [[nodiscard]] unsigned on_deregister(const std::string& url, const std::string& suffix,
                                         const std::string& peer);
    // The connection of a REGISTER with reuse_connection is there to be used. Its mount is added
    // (or tried again) only now.
    void on_reuse(Ref<GSocket> socket, const std::string& url, const std::string& suffix,
                  const std::string& peer);

    // Any thread. The names that nobody can register; a registered mount keeps its name.
    void set_configured(std::set<std::string, std::less<>> mounts);
    [[nodiscard]] RegistrationCounters counters() { return table_.lock()->counters(); }

  private:
    using Number = RegistrationTable::Number;
    // What the listener was told last, main context.
    struct Mount {
        settings::BackendSettings settings;
        std::unique_ptr<ReusedConnection> connection; // if it is with reuse_connection
        std::uint64_t device = 0;                     // says which of its connections is meant
        Timer grace;                                  // runs while the connection is missing
    };

    Registrations(RegistrationOptions options, Listener& listener);

    // Main context.
    void post(std::function<void(Registrations&)> action);
    void add(const settings::BackendSettings& settings);
    void add_reused(settings::BackendSettings settings, Number number, Ref<GSocket> socket);
    [[nodiscard]] Mount* mount_for_reuse(const std::string& name, Number number);
    void tell(Mount& mount, settings::BackendSettings settings);
    void remove(const std::string& name);
    void device_gone(const std::string& name, Number number, std::uint64_t device,
                     const std::string& why);
    void grace_over(const std::string& name, Number number);

    const std::chrono::milliseconds grace_;
    Listener& listener_;
    Guarded<RegistrationTable> table_;
    Splicer splicer_;
    std::map<std::string, Mount> mounts_; // main context
    std::uint64_t last_device_ = 0;       // main context
};

} // namespace rtspproxy::registration_app
