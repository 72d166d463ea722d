#include "app/server/intake/admission.hpp"

#include "app/log.hpp"
#include "plugins/support/element.hpp"

namespace rtspproxy::server {

namespace {

using Clock = ConnectionTable::Clock;

} // namespace

std::unique_ptr<Admission> IntakeState::admit(GSocket* socket, const std::string& limit_key,
                                              const std::string& address) {
    if (!make_room(limit_key)) {
        ++counters.refused;
        warn("too many connections: " + address +
             " and others are refused; see --max-connections and --max-connections-per-address");
        return nullptr;
    }
    ++counters.admitted;
    const auto id = connections_.with([&](Connections& connections) {
        const auto added = connections.table.add(limit_key, Clock::now());
        connections.sockets.try_emplace(added, socket);
        return added;
    });
    return std::make_unique<Admission>(shared_from_this(), id, address);
}

// Connections are let in by one thread: room that is made is there for the one it was made for.
bool IntakeState::make_room(const std::string& limit_key) {
    Ref<GSocket> victim; // its last reference must not go while the lock is held
    const bool room = connections_.with([&](Connections& connections) {
        auto& table = connections.table;
        while (const auto crowded = table.crowded(limit_key)) {
            const auto id = table.victim(*crowded, limit_key, Clock::now());
            if (!id || victim)
                return false;
            victim = connections.sockets.at(*id).get();
            connections.sockets.erase(*id);
            table.remove(*id);
        }
        return true;
    });
    if (victim) { // its stream sees the end, and its client goes
        ++counters.pushed_out;
        g_socket_shutdown(victim.get(), TRUE, TRUE, nullptr);
    }
    return room;
}

void IntakeState::warn(const std::string& message) {
    constexpr std::uint64_t kMinute = 60'000'000'000;
    const std::uint64_t now = monotonic_now();
    const bool say = warned_at_.with([now](std::uint64_t& at) {
        if (at != 0 && now - at < kMinute)
            return false;
        at = now;
        return true;
    });
    if (say)
        log::warning("%s", message.c_str());
}

Admission::~Admission() {
    state_->connections_.with([this](IntakeState::Connections& connections) {
        connections.table.remove(id_);
        connections.sockets.erase(id_);
    });
}

void Admission::prove() {
    if (std::exchange(proven_, true))
        return;
    state_->connections_.with(
        [this](IntakeState::Connections& connections) { connections.table.prove(id_); });
}

} // namespace rtspproxy::server
