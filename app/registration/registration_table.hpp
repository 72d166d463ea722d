// Which back ends have registered under which names, and who may do what with them: the rules of
// REGISTER and DEREGISTER, without threads, sockets or clocks.
#pragma once

#include "app/settings/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::registration_app {

struct RegistrationRules {
    // What registered back ends start from: Settings::defaults.
    settings::BackendSettings defaults;
    // Mounts that the operator configured: nobody can register these names.
    std::set<std::string, std::less<>> configured;
    // Registered mounts at a time; a further one is refused with 503.
    std::size_t max_mounts = 256;
    // Whether whoever registers has logged in (-U): then a registration may also be changed from
    // another address than the one it came from.
    bool logins_checked = false;
};

// What happened since the start.
struct RegistrationCounters {
    std::uint64_t added = 0, refreshed = 0, replaced = 0, deregistered = 0;
    std::uint64_t expired = 0;           // devices that did not come back within the grace
    std::uint64_t refused_url = 0;       // 400: no URL that the proxy can play
    std::uint64_t refused_suffix = 0;    // 400: no name for a mount
    std::uint64_t refused_transport = 0; // 461: the URL cannot be played over the peer's connection
    std::uint64_t refused_configured = 0; // 451: the name is that of a configured mount
    std::uint64_t refused_taken = 0;      // 451: the name is somebody else's
    std::uint64_t refused_full = 0;       // 503: max_mounts
    std::uint64_t refused_unknown = 0;    // 404: DEREGISTER of what is not registered
    std::uint64_t refused_foreign = 0;    // 403: DEREGISTER of somebody else's
};

// A REGISTER. Strings as they came.
struct Announcement {
    std::string url;
    std::string suffix;       // empty: any name
    bool interleaved = false; // preferred_delivery_protocol=interleaved
    bool reuse = false;       // reuse_connection
    std::string peer;         // numeric address
};

class RegistrationTable {
  public:
    // Says which of the registrations of one name is meant; never used twice.
    using Number = std::uint64_t;

    struct Registered {
        unsigned status = 200; // RTSP; if it is not 200 the rest is empty
        Number number = 0;
        settings::BackendSettings backend; // with its mount; `proxy` is not set
    };
    struct Deregistered {
        unsigned status = 200;
        std::vector<std::string> mounts; // to be removed
    };

    explicit RegistrationTable(RegistrationRules rules) : rules_(std::move(rules)) {}

    // The same device under the same name is let in again, whether it says the same (refreshes) or
    // something else (replaces). The same device is: the same address; or the same URL, if that
    // takes no working connection away from another address (with logins_checked: in any case).
    // Without a suffix a device gets the name that it has, else registeredProxyStream-N.
    [[nodiscard]] Registered add(const Announcement& announcement);
    // By suffix, or if it is empty every mount of the URL. Only the address that registered it may,
    // or with logins_checked anybody.
    [[nodiscard]] Deregistered remove(const std::string& url, const std::string& suffix,
                                      const std::string& peer);
    // The registration that a REGISTER with reuse_connection of this URL, suffix and peer led to;
    // status 404 if it does not hold any more.
    [[nodiscard]] Registered find_reused(const std::string& url, const std::string& suffix,
                                         const std::string& peer) const;

    // Whether the device of this registration is without a connection: then another address may
    // take its place.
    void set_suspended(const std::string& mount, Number number, bool suspended);
    // Drops the registration if it is still this one; false if it is not.
    bool expire(const std::string& mount, Number number);

    void set_configured(std::set<std::string, std::less<>> mounts) {
        rules_.configured = std::move(mounts);
    }
    [[nodiscard]] const RegistrationCounters& counters() const { return counters_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        Number number = 0;
        settings::BackendSettings backend;
        bool reuse = false;
        bool suspended = false; // only with reuse
        std::string suffix;     // as asked for
        std::string peer;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;

    [[nodiscard]] bool same_device(const Entry& old, const Entry& wanted) const;
    [[nodiscard]] unsigned choose_mount(Entry& wanted, const std::string& suffix);
    [[nodiscard]] unsigned check_mount(const Entry& wanted);
    [[nodiscard]] const Entry* find_by_url(const Entry& wanted) const;
    [[nodiscard]] std::string next_mount();
    [[nodiscard]] unsigned refuse(unsigned status, std::uint64_t& counter);

    RegistrationRules rules_;
    RegistrationCounters counters_;
    Entries entries_; // by mount
    Number last_number_ = 0;
    std::uint64_t next_name_ = 1;
};

} // namespace rtspproxy::registration_app
