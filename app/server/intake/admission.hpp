// Intake's counters, and what it shares with the connections that it has let in.
#pragma once

#include "app/server/intake/connection_table.hpp"
#include "app/server/intake/tunnel_table.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/weak_ref.hpp"

#include <gio/gio.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace rtspproxy::server {

struct IntakeOptions {
    ConnectionLimits limits;
    std::chrono::milliseconds request_timeout{10'000}; // from a request's first byte to its last
};

struct IntakeCounters {
    std::atomic<std::uint64_t> admitted{0}, refused{0}, pushed_out{0};
    std::atomic<std::uint64_t> malformed{0}, too_long{0}, timed_out{0}, tunnels{0};
};

// Counts a connection as long as it lives, i.e. with its socket.
class Admission;

// Any thread.
class IntakeState : public std::enable_shared_from_this<IntakeState> {
  public:
    explicit IntakeState(const IntakeOptions& given) : options(given), connections_(given.limits) {}

    // Null: there are too many already, of that address or in all.
    [[nodiscard]] std::unique_ptr<Admission> admit(GSocket* socket, const std::string& limit_key,
                                                   const std::string& address);
    [[nodiscard]] std::size_t connections() { return connections_.lock()->table.size(); }

    // At most once a minute, whatever happened more often.
    void warn(const std::string& message);

    const IntakeOptions options;
    IntakeCounters counters;
    TunnelTable tunnels;

  private:
    friend class Admission;
    struct Connections {
        explicit Connections(const ConnectionLimits& limits) : table(limits) {}
        ConnectionTable table;
        std::map<ConnectionTable::Id, WeakRef<GSocket>> sockets;
    };
    [[nodiscard]] bool make_room(const std::string& limit_key);

    Guarded<Connections> connections_;
    Guarded<std::uint64_t> warned_at_{0U}; // nanoseconds; 0: never
};

class Admission {
  public:
    Admission(std::shared_ptr<IntakeState> state, ConnectionTable::Id id, std::string address)
        : state_(std::move(state)), id_(id), address_(std::move(address)) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;
    ~Admission();

    // The client has sent a whole request.
    void prove();
    [[nodiscard]] IntakeState& state() { return *state_; }
    [[nodiscard]] const std::string& address() const { return address_; }

  private:
    const std::shared_ptr<IntakeState> state_;
    const ConnectionTable::Id id_;
    const std::string address_;
    bool proven_ = false; // client's thread
};

} // namespace rtspproxy::server
