#include "app/backend/supervisor.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rtspproxy::backend {
namespace {

using settings::Transport;

// How often a running back end is looked at for viewers and packets. All of them at the same
// moments, for the thread that does it costs more to wake up than one look.
constexpr Time kWatchInterval{500};
// A back end that was up for so long starts its next backoff from the beginning.
constexpr Time kStable{1000};
// A back end that has to be restarted again so soon is not restarted at once.
constexpr Time kRestartPause{10000};
// Now and then a probe is patient, for a back end that is farther away than the usual patience.
constexpr std::uint64_t kPatientEvery = 20;

Time next_look(Time now) {
    return now - now % kWatchInterval + kWatchInterval;
}

} // namespace

const char* state_name(State state) {
    switch (state) {
    case State::Idle:
        return "idle";
    case State::Connecting:
        return "connecting";
    case State::Live:
        return "live";
    case State::Lost:
        return "lost";
    case State::Removed:
        break;
    }
    return "removed";
}

Supervisor::Supervisor(Policy policy, std::function<double()> random)
    : policy_(policy), random_(std::move(random)),
      transport_(policy.transport == Transport::Automatic ? Transport::Udp : policy.transport) {}

Command Supervisor::update(Time now) {
    check_timeouts(now);
    if (running_ && (phase_ == Phase::Idle || phase_ == Phase::Waiting || phase_ == Phase::Removed))
        return stop_running();
    switch (phase_) {
    case Phase::Idle:
        if (!known_)
            return begin(Command::Kind::Describe, now);
        if (wanted(now))
            return begin(Command::Kind::Play, now);
        break;
    case Phase::Waiting:
        if (known_ && !wanted(now))
            enter(Phase::Idle, now);
        else if (probing_ && !reachable_)
            return probe(now);
        else if (probing_ || now >= retry_at_)
            return begin(known_ ? Command::Kind::Play : Command::Kind::Describe, now);
        break;
    case Phase::Connecting:
    case Phase::Live:
        if (!wanted(now)) {
            enter(Phase::Idle, now);
            return stop_running();
        }
        break;
    default:
        break;
    }
    return {};
}

std::optional<Time> Supervisor::deadline(Time now) const {
    switch (phase_) {
    case Phase::Describing:
        return since_ + policy_.connect_timeout;
    case Phase::Connecting:
        return std::min(since_ + policy_.connect_timeout, next_look(now));
    case Phase::Live:
        return next_look(now);
    case Phase::Waiting:
        if (probe_under_way_)
            return std::nullopt; // it is reported in any case
        return probing_ ? probe_at_ : retry_at_;
    default:
        return std::nullopt;
    }
}

void Supervisor::connected(Attempt attempt) {
    connected_ = connected_ || attempt == attempt_;
}

void Supervisor::described(Attempt attempt, Time now, bool multicast) {
    if (attempt != attempt_)
        return;
    in_group_ = multicast;
    known_ = true;
    connected_ = described_ = true;
    // Of a Play it is no success yet: many a back end describes itself to anybody and asks for the
    // password at SETUP.
    if (phase_ == Phase::Describing) {
        failures_ = 0;
        unauthorized_ = 0;
        enter(Phase::Idle, now);
    }
}

void Supervisor::flowing(Attempt attempt, Time now) {
    if (attempt != attempt_ || phase_ != Phase::Connecting)
        return;
    flowed_ = true;
    unauthorized_ = 0;
    last_packet_ = now;
    if (lost_since_)
        lost_total_ += now - *std::exchange(lost_since_, std::nullopt);
    enter(Phase::Live, now);
}

void Supervisor::failed(Attempt attempt, Failure failure, std::string reason, Time now) {
    if (under_way(attempt))
        fail(failure, std::move(reason), now);
}

void Supervisor::probed(bool reachable, Time now) {
    if (!probing_)
        return;
    probe_under_way_ = false;
    reachable_ = reachable;
    probe_at_ = std::max(probe_at_, now);
}

// What runs is stopped, and the next attempt begins at once.
void Supervisor::redirected(Attempt attempt, Time now) {
    if (!under_way(attempt))
        return;
    if (redirects_ == kMaxRedirects) {
        fail(Failure::Error, "back end redirects without end", now);
        return;
    }
    ++redirects_;
    retry_at_ = now;
    enter(Phase::Waiting, now);
    following_ = true;
}

void Supervisor::packet(Time when) {
    last_packet_ = std::max(last_packet_, when);
}

void Supervisor::watched(bool watched, Time now) {
    if (watched || watched_)
        last_watched_ = now;
    watched_ = watched;
}

void Supervisor::forget_tracks() {
    known_ = false;
}

void Supervisor::restart(std::string reason, Time now) {
    if (phase_ == Phase::Removed)
        return;
    reason_ = std::move(reason);
    const bool again = last_restart_ && now - *last_restart_ < kRestartPause;
    last_restart_ = now;
    retry_at_ = again ? now + backoff(Failure::Error) : now;
    enter(Phase::Waiting, now);
}

void Supervisor::retry_now(Time now) {
    if (phase_ != Phase::Waiting)
        return;
    probing_ = probe_under_way_ = false;
    retry_at_ = now;
}

void Supervisor::remove(Time now) {
    enter(Phase::Removed, now);
}

State Supervisor::state() const {
    switch (phase_) {
    case Phase::Describing:
    case Phase::Connecting:
        return State::Connecting;
    case Phase::Live:
        return State::Live;
    case Phase::Waiting:
        return State::Lost;
    case Phase::Removed:
        return State::Removed;
    case Phase::Idle:
        break;
    }
    return State::Idle;
}

Time Supervisor::time_lost(Time now) const {
    return lost_total_ + (lost_since_ ? now - *lost_since_ : Time{0});
}

bool Supervisor::under_way(Attempt attempt) const {
    return attempt == attempt_ &&
           (phase_ == Phase::Describing || phase_ == Phase::Connecting || phase_ == Phase::Live);
}

bool Supervisor::wanted(Time now) const {
    return policy_.always_on || watched_ ||
           (last_watched_ && now - *last_watched_ < policy_.idle_timeout);
}

void Supervisor::enter(Phase phase, Time now) {
    phase_ = phase;
    since_ = now;
    probing_ = probe_under_way_ = reachable_ = false;
    following_ = false;
    const bool over = phase == Phase::Idle || phase == Phase::Removed;
    if (over && lost_since_) // nobody misses it any more
        lost_total_ += now - *std::exchange(lost_since_, std::nullopt);
}

Command Supervisor::begin(Command::Kind kind, Time now) {
    ++attempt_;
    running_ = true;
    connected_ = described_ = in_group_ = false;
    probed_ = std::exchange(reachable_, false);
    const bool follows = following_;
    redirects_ = follows ? redirects_ : 0;
    enter(kind == Command::Kind::Describe ? Phase::Describing : Phase::Connecting, now);
    Command command{kind, transport_, attempt_, multicast_};
    command.redirected = follows;
    return command;
}

Command Supervisor::stop_running() {
    running_ = false;
    return {Command::Kind::Stop, transport_, attempt_, false};
}

Command Supervisor::probe(Time now) {
    if (probe_under_way_ || now < probe_at_)
        return {};
    probe_under_way_ = true;
    probe_at_ = now + probe_pause();
    Command command{Command::Kind::Probe, transport_, attempt_};
    command.patient = ++probes_ % kPatientEvery == 0;
    return command;
}

// Up to a tenth more or less, so that they do not all fall on the same moment.
Time Supervisor::probe_pause() {
    const auto full = static_cast<double>(policy_.probe_interval.count());
    return Time(std::llround(full * (0.9 + 0.2 * random_())));
}

void Supervisor::check_timeouts(Time now) {
    const auto seconds = [](Time time) { return std::to_string(time.count() / 1000) + " s"; };
    const bool connecting = phase_ == Phase::Describing || phase_ == Phase::Connecting;
    if (connecting && now >= since_ + policy_.connect_timeout) {
        const char* const what = described_ ? "no packet within " : "no answer within ";
        fail(Failure::Timeout, what + seconds(policy_.connect_timeout), now);
    } else if (phase_ == Phase::Live && now >= last_packet_ + policy_.stall_timeout) {
        fail(Failure::Stalled, "no packet for " + seconds(policy_.stall_timeout), now);
    }
}

void Supervisor::fail(Failure failure, std::string reason, Time now) {
    const bool was_live = phase_ == Phase::Live;
    const bool was_playing = was_live || phase_ == Phase::Connecting;
    const bool was_stable = was_live && now - since_ >= kStable;
    if (was_live) {
        ++outages_;
        lost_since_ = failure == Failure::Stalled ? last_packet_ : now;
        if (was_stable)
            failures_ = 0;
    } else if (was_playing && !lost_since_) {
        lost_since_ = now;
    }
    reason_ = std::move(reason);
    // A back end that answered and sent nothing is asked for the other transport at once.
    const bool switched =
        was_playing && !was_live && (failure == Failure::Address || switch_transport(failure));
    const bool dark = !switched && policy_.probes && is_dark(failure, was_stable);
    retry_at_ = switched || dark ? now : now + backoff(failure);
    enter(Phase::Waiting, now);
    probing_ = dark;
    probe_at_ = dark ? now + probe_pause() : now;
}

// One that can be connected to and then does not play gets a longer pause each time. So does one
// that a probe has just reached, or the two might go on for ever. One that played and fell silent
// may have lost its power, and a connection would then be waited for in vain for a long time. A
// host that it was redirected to is not the one that would be probed.
bool Supervisor::is_dark(Failure failure, bool was_stable) const {
    if (redirects_ > 0)
        return false;
    if (was_stable)
        return failure == Failure::Stalled;
    const bool not_reached =
        failure == Failure::Unreachable || (failure == Failure::Timeout && !connected_);
    return not_reached && !probed_;
}

// Multicast to unicast and UDP to TCP if nothing arrives; back to UDP if TCP does not help either.
// What once worked stays, unless the back end refuses it.
bool Supervisor::switch_transport(Failure failure) {
    const bool silent = failure == Failure::Timeout && described_ && !flowed_;
    // A back end that is not ready refuses TCP as well: where that worked, it does so soon again.
    constexpr unsigned kSoon = 3;
    const bool refused = failure == Failure::Refused &&
                         (transport_ == Transport::Udp || !flowed_ || failures_ >= kSoon);
    if (failure != Failure::Transport && !silent && !refused)
        return false;
    if (in_group_) {
        multicast_ = false;
        left_group_ = true;
        return true;
    }
    if (policy_.transport != Transport::Automatic)
        return false;
    flowed_ = false;
    transport_ = transport_ == Transport::Udp ? Transport::Tcp : Transport::Udp;
    fell_back_ = true;
    return transport_ == Transport::Tcp; // one round without delay
}

Time Supervisor::backoff(Failure failure) {
    unauthorized_ = failure == Failure::Unauthorized ? unauthorized_ + 1 : 0;
    Time base = policy_.unauthorized_backoff;
    if (unauthorized_ < 2) {
        const unsigned doublings = std::min(failures_, 16U);
        base = std::min(policy_.backoff_first * (1U << doublings), policy_.backoff_limit);
    }
    ++failures_;
    // A bit less, so that cameras behind one switch do not come back in step; and not more than ten
    // times in the first minute.
    return base - Time(std::llround(random_() * 0.08 * static_cast<double>(base.count())));
}

} // namespace rtspproxy::backend
