// Supervisor: decides when a mount's back end is described, played, stopped and tried again.
//
// Pure logic without threads, timers or GStreamer: the owner (Backend, on the main context) tells
// it what happened and what time it is, and carries out the commands that it gives. Attempts are
// numbered, so that what an old one still has to say is told apart.
#pragma once

#include "app/settings/settings.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace rtspproxy::backend {

using Time = std::chrono::milliseconds; // since any fixed moment, monotonic
using Attempt = std::uint64_t;

// What a mount's back end is doing.
enum class State {
    Idle,       // nothing is wanted of it
    Connecting, // an attempt is under way, no packet yet
    Live,       // packets arrive
    Lost,       // the last attempt failed or ended; waiting to try again
    Removed,
};
[[nodiscard]] const char* state_name(State state);

enum class Failure {
    Error,        // any error of the connection or of the protocol
    Unauthorized, // the back end refused the credentials
    Ended,        // it closed the connection or said goodbye
    Stalled,      // no packet for stall_timeout
    Timeout,      // no packet (no SDP) within connect_timeout
    Transport,    // it does not serve this transport
    Unreachable,  // no connection could be opened
    Address,      // it does not know a track by this URL; there is another one to be tried
    Refused,      // it refused what it was asked for; another transport may do
};

struct Command {
    // Probe: see whether a connection can be opened, and close it again. A patient one waits longer
    // for that than is usual.
    enum class Kind { None, Describe, Play, Stop, Probe };
    Kind kind = Kind::None;
    settings::Transport transport = settings::Transport::Udp;
    Attempt attempt = 0;
    bool multicast = false; // of Play over UDP: where the SDP asks for it
    bool patient = false;
    bool redirected = false; // to where the back end said last, not to its own URL
};

class Supervisor {
  public:
    // So often a back end may say that its stream is elsewhere, in a row.
    static constexpr unsigned kMaxRedirects = 5;

    struct Policy {
        settings::Transport transport = settings::Transport::Automatic;
        Time connect_timeout{5000};
        Time stall_timeout{5000};
        Time idle_timeout{10000};
        bool always_on = false;
        Time backoff_first{500};
        Time backoff_limit{10000};
        Time unauthorized_backoff{60000}; // so that no account gets locked
        // A back end that cannot be connected to is probed, and tried again once a probe succeeds.
        // Without it is tried again after the same pauses as any other that fails.
        bool probes = true;
        Time probe_interval{500}; // from the beginning of one to that of the next
    };
    // `random`: a number in [0, 1), for the jitter of the backoff.
    Supervisor(Policy policy, std::function<double()> random);

    // Call after each report and when deadline() has passed, and carry the command out, until it is
    // None.
    [[nodiscard]] Command update(Time now);
    // When update() is to be called next if nothing happens before.
    [[nodiscard]] std::optional<Time> deadline(Time now) const;

    // Reports. Those of an attempt that is not the current one are ignored.
    void connected(Attempt attempt); // a connection stands, and is about to be used
    // Tracks are known; of a Describe it is the success. `multicast`: that is what is tried now.
    void described(Attempt attempt, Time now, bool multicast = false);
    void flowing(Attempt attempt, Time now); // the first packet of a Play arrived
    void failed(Attempt attempt, Failure failure, std::string reason, Time now);
    // Of a probe. A success may still be reported after a failure, of one that was patient.
    void probed(bool reachable, Time now);
    void redirected(Attempt attempt, Time now); // the back end said that its stream is elsewhere
    void packet(Time when);                     // time of the newest packet, told now and then
    void watched(bool watched, Time now);       // whether anybody watches
    void forget_tracks();                       // what was described does not hold any more
    void restart(std::string reason, Time now); // stop what runs, begin again
    void retry_now(Time now);                   // the back end is said to be there again
    void remove(Time now);

    [[nodiscard]] State state() const;
    [[nodiscard]] Time since() const { return since_; }
    [[nodiscard]] const std::string& reason() const { return reason_; } // of the last failure
    [[nodiscard]] Attempt attempt() const { return attempt_; }
    // Waiting for a probe to succeed.
    [[nodiscard]] bool probing() const { return probing_; }
    [[nodiscard]] std::uint64_t probes() const { return probes_; }
    [[nodiscard]] std::uint64_t outages() const { return outages_; }
    [[nodiscard]] Time time_lost(Time now) const; // viewers wanted packets and there were none
    [[nodiscard]] settings::Transport transport() const { return transport_; }
    // The transport was changed from UDP to TCP, or back; cleared by reading.
    [[nodiscard]] bool take_fallback() { return std::exchange(fell_back_, false); }
    // UDP was changed from multicast to unicast; cleared by reading.
    [[nodiscard]] bool take_unicast() { return std::exchange(left_group_, false); }

  private:
    enum class Phase { Idle, Describing, Connecting, Live, Waiting, Removed };

    [[nodiscard]] bool wanted(Time now) const;
    void enter(Phase phase, Time now);
    Command begin(Command::Kind kind, Time now);
    Command stop_running();
    [[nodiscard]] bool under_way(Attempt attempt) const;
    void fail(Failure failure, std::string reason, Time now);
    void check_timeouts(Time now);
    [[nodiscard]] Command probe(Time now);
    [[nodiscard]] Time probe_pause();
    [[nodiscard]] bool is_dark(Failure failure, bool was_stable) const;
    [[nodiscard]] bool switch_transport(Failure failure);
    [[nodiscard]] Time backoff(Failure failure);

    Policy policy_;
    std::function<double()> random_;
    settings::Transport transport_;
    Phase phase_ = Phase::Idle;
    Time since_{0};
    Attempt attempt_ = 0;
    bool running_ = false;   // an attempt must be stopped before the next
    bool known_ = false;     // tracks are known
    bool connected_ = false; // in this attempt
    bool described_ = false; // in this attempt
    bool flowed_ = false;    // over this transport, ever
    bool watched_ = false;
    bool fell_back_ = false;
    bool following_ = false; // the next attempt is where the last one was redirected to
    unsigned redirects_ = 0; // in a row
    bool multicast_ = true;  // may be tried
    bool in_group_ = false;  // it is what this attempt tries
    bool left_group_ = false;
    std::optional<Time> last_watched_;
    Time last_packet_{0};
    Time retry_at_{0};
    std::optional<Time> last_restart_;
    // While it waits: for a probe, which may be under way, and what the last one said.
    bool probing_ = false, probe_under_way_ = false, reachable_ = false;
    bool probed_ = false; // this attempt began because a probe had succeeded
    Time probe_at_{0};
    std::uint64_t probes_ = 0;
    unsigned failures_ = 0;     // in a row
    unsigned unauthorized_ = 0; // in a row
    std::string reason_;
    std::uint64_t outages_ = 0;
    std::optional<Time> lost_since_;
    Time lost_total_{0};
};

} // namespace rtspproxy::backend
