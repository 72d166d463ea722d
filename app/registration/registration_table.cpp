#include "app/registration/registration_table.hpp"

#include "app/settings/backend_url.hpp"
#include "app/settings/make_backend.hpp"
#include "app/settings/mount_names.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::registration_app {
namespace {

constexpr unsigned kOk = 200;
constexpr unsigned kBadRequest = 400;
constexpr unsigned kForbidden = 403;
constexpr unsigned kNotFound = 404;
constexpr unsigned kParameterNotUnderstood = 451; // what live555 answers for a name that is taken
constexpr unsigned kUnsupportedTransport = 461;
constexpr unsigned kServiceUnavailable = 503;

constexpr std::size_t kMaxSuffixLength = 64;

bool is_suffix(const std::string& suffix) {
    const auto name = settings::parse_mount_name(suffix);
    return name && *name == suffix && suffix.size() <= kMaxSuffixLength &&
           suffix.find('/') == std::string::npos;
}

// The proxy's requests go over the device's connection, in clear and with the media interleaved.
bool is_playable_over_own_connection(const settings::BackendUrl& url) {
    return !url.tls && (url.transport == settings::Transport::Automatic ||
                        url.transport == settings::Transport::Tcp);
}

} // namespace

RegistrationTable::Registered RegistrationTable::add(const Announcement& announcement) {
    using settings::Transport;
    const auto refused = [](unsigned status) { return Registered{status, 0, {}}; };
    auto backend = settings::make_backend(announcement.url, rules_.defaults);
    if (!backend)
        return refused(refuse(kBadRequest, counters_.refused_url));
    const auto url = settings::parse_backend_url(announcement.url);
    if (announcement.reuse && !is_playable_over_own_connection(*url))
        return refused(refuse(kUnsupportedTransport, counters_.refused_transport));
    // A tunnel is interleaved already, and a scheme that names the transport is clearer.
    const bool may_choose =
        url->transport == Transport::Automatic && backend->transport != Transport::HttpTunnel;
    if (announcement.reuse || (announcement.interleaved && may_choose)) {
        backend->transport = Transport::Tcp;
        backend->http_port = 0;
    }
    Entry wanted;
    wanted.backend = *std::move(backend);
    wanted.backend.discreet = !rules_.logins_checked && !announcement.reuse;
    wanted.reuse = announcement.reuse;
    wanted.suffix = announcement.suffix;
    wanted.peer = announcement.peer;
    if (const unsigned status = choose_mount(wanted, announcement.suffix); status != kOk)
        return refused(status);

    wanted.number = ++last_number_;
    Entry& entry = entries_[wanted.backend.mount];
    if (entry.number == 0)
        ++counters_.added;
    else
        ++(entry.backend == wanted.backend && entry.reuse == wanted.reuse ? counters_.refreshed
                                                                          : counters_.replaced);
    entry = std::move(wanted);
    return {kOk, entry.number, entry.backend};
}

unsigned RegistrationTable::choose_mount(Entry& wanted, const std::string& suffix) {
    if (suffix.empty()) {
        const Entry* known = find_by_url(wanted);
        if (known == nullptr && entries_.size() >= rules_.max_mounts)
            return refuse(kServiceUnavailable, counters_.refused_full);
        wanted.backend.mount = known != nullptr ? known->backend.mount : next_mount();
        return kOk;
    }
    if (!is_suffix(suffix))
        return refuse(kBadRequest, counters_.refused_suffix);
    wanted.backend.mount = suffix;
    return check_mount(wanted);
}

unsigned RegistrationTable::check_mount(const Entry& wanted) {
    if (rules_.configured.contains(wanted.backend.mount))
        return refuse(kParameterNotUnderstood, counters_.refused_configured);
    const auto found = entries_.find(wanted.backend.mount);
    if (found != entries_.end())
        return same_device(found->second, wanted)
                   ? kOk
                   : refuse(kParameterNotUnderstood, counters_.refused_taken);
    if (entries_.size() >= rules_.max_mounts)
        return refuse(kServiceUnavailable, counters_.refused_full);
    return kOk;
}

// A URL is no secret, and many devices behind different routers have the same one
// (rtsp://192.168.1.10/…): alone it does not take a mount away from a device that is connected.
bool RegistrationTable::same_device(const Entry& old, const Entry& wanted) const {
    if (old.peer == wanted.peer)
        return true;
    if (old.backend.url != wanted.backend.url)
        return false;
    const bool takes_nothing_away = old.reuse ? old.suspended : !wanted.reuse;
    return takes_nothing_away || rules_.logins_checked;
}

// That of the same address first: others may have the same URL.
const RegistrationTable::Entry* RegistrationTable::find_by_url(const Entry& wanted) const {
    const Entry* found = nullptr;
    for (const auto& [mount, entry] : entries_) {
        if (entry.backend.url != wanted.backend.url)
            continue;
        if (entry.peer == wanted.peer)
            return &entry;
        // Not the name of another device that is connected, whoever has logged in.
        const bool free = entry.reuse ? entry.suspended : !wanted.reuse;
        if (found == nullptr && free)
            found = &entry;
    }
    return found;
}

// Counts up, so that a name does not soon mean another camera.
std::string RegistrationTable::next_mount() {
    while (true) {
        std::string mount = "registeredProxyStream-" + std::to_string(next_name_++);
        if (!entries_.contains(mount) && !rules_.configured.contains(mount))
            return mount;
    }
}

RegistrationTable::Deregistered RegistrationTable::remove(const std::string& url,
                                                          const std::string& suffix,
                                                          const std::string& peer) {
    const auto refused = [](unsigned status) { return Deregistered{status, {}}; };
    std::string wanted_url;
    if (suffix.empty()) {
        const auto parsed = settings::parse_backend_url(url);
        if (!parsed)
            return refused(refuse(kBadRequest, counters_.refused_url));
        wanted_url = parsed->url;
    }
    bool known = false;
    Deregistered result;
    for (const auto& [mount, entry] : entries_) {
        if (suffix.empty() ? entry.backend.url != wanted_url : mount != suffix)
            continue;
        known = true;
        if (rules_.logins_checked || entry.peer == peer)
            result.mounts.push_back(mount);
    }
    if (!known)
        return refused(refuse(kNotFound, counters_.refused_unknown));
    if (result.mounts.empty())
        return refused(refuse(kForbidden, counters_.refused_foreign));
    for (const auto& mount : result.mounts)
        entries_.erase(mount);
    counters_.deregistered += result.mounts.size();
    return result;
}

RegistrationTable::Registered RegistrationTable::find_reused(const std::string& url,
                                                             const std::string& suffix,
                                                             const std::string& peer) const {
    const auto parsed = settings::parse_backend_url(url);
    const Entry* newest = nullptr;
    for (const auto& [mount, entry] : entries_) {
        if (!parsed || !entry.reuse || entry.peer != peer || entry.backend.url != parsed->url ||
            entry.suffix != suffix)
            continue;
        if (newest == nullptr || newest->number < entry.number)
            newest = &entry;
    }
    if (newest == nullptr)
        return {kNotFound, 0, {}};
    return {kOk, newest->number, newest->backend};
}

void RegistrationTable::set_suspended(const std::string& mount, Number number, bool suspended) {
    const auto found = entries_.find(mount);
    if (found != entries_.end() && found->second.number == number)
        found->second.suspended = suspended;
}

bool RegistrationTable::expire(const std::string& mount, Number number) {
    const auto found = entries_.find(mount);
    if (found == entries_.end() || found->second.number != number)
        return false;
    entries_.erase(found);
    ++counters_.expired;
    return true;
}

unsigned RegistrationTable::refuse(unsigned status, std::uint64_t& counter) {
    ++counter;
    return status;
}

} // namespace rtspproxy::registration_app
