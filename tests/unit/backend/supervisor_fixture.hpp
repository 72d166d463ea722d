// A Supervisor, a clock that stands still until it is told to go, and what was ordered.
#pragma once

#include "app/backend/supervisor.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::backend {

// Found by gtest, by way of the argument's namespace.
inline void PrintTo(State state, std::ostream* stream) {
    *stream << state_name(state);
}

namespace tests {

using namespace std::chrono_literals; // NOLINT(google-build-using-namespace): literals for tests
using settings::Transport;
using Commands = std::vector<std::string>;

class SupervisorTest : public ::testing::Test {
  protected:
    using Policy = Supervisor::Policy;

    // Begins anew with another policy.
    void use(const Policy& policy) {
        supervisor_.emplace(policy, [this] { return random_; });
    }
    // Begins anew with the usual policy, but…
    template <class Change>
    void use_with(Change&& change) {
        Policy policy;
        change(policy);
        use(policy);
    }

    // What the supervisor orders now: "describe 1 udp", "play 2 tcp", "stop 2", "play 3 tcp
    // elsewhere", "probe", "probe patiently".
    Commands orders() {
        Commands commands;
        for (auto command = it().update(now_); command.kind != Command::Kind::None;
             command = it().update(now_)) {
            commands.push_back(text(command));
            if (commands.size() > 10) {
                ADD_FAILURE() << "orders without end";
                break;
            }
        }
        return commands;
    }
    Commands after(Time time) {
        now_ += time;
        return orders();
    }
    // Orders at the moment at which the supervisor wants to be asked; empty: it does not want to.
    Commands at_deadline() {
        const auto deadline = it().deadline(now_);
        if (!deadline)
            return {};
        now_ = std::max(now_, *deadline);
        return orders();
    }

    void watch(bool watched = true) { it().watched(watched, now_); }
    void connected() { it().connected(it().attempt()); }
    void described() { it().described(it().attempt(), now_); }
    void flowing() { it().flowing(it().attempt(), now_); }
    void redirect() { it().redirected(it().attempt(), now_); }
    void fail(Failure failure = Failure::Error, std::string reason = "it broke") {
        it().failed(it().attempt(), failure, std::move(reason), now_);
    }
    // Packets come all the while, and the supervisor is asked twice a second. Returns what it
    // ordered.
    Commands flow_for(Time time) {
        Commands all;
        for (const Time end = now_ + time; now_ < end;) {
            now_ += std::min<Time>(500ms, end - now_);
            it().packet(now_);
            for (auto& command : orders())
                all.push_back(std::move(command));
        }
        return all;
    }

    // Described, and idle as nobody watches. Takes one attempt.
    void reach_known() {
        ASSERT_EQ(orders().size(), 1U);
        described();
        ASSERT_EQ(orders().size(), 1U);
        ASSERT_EQ(state(), State::Idle);
    }
    // Watched, and an attempt to play is under way: the second.
    void reach_connecting() {
        reach_known();
        watch();
        ASSERT_EQ(orders().size(), 1U);
        ASSERT_EQ(state(), State::Connecting);
    }
    // Watched, and packets come.
    void reach_live() {
        reach_connecting();
        described();
        flowing();
        ASSERT_EQ(orders(), Commands{});
        ASSERT_EQ(state(), State::Live);
    }
    // A probe is ordered when the supervisor wants to be asked next, and says this.
    Commands probe_says(bool reachable) {
        const Commands ordered = at_deadline();
        EXPECT_EQ(ordered.size(), 1U);
        EXPECT_TRUE(!ordered.empty() && ordered.front().starts_with("probe"));
        it().probed(reachable, now_);
        return orders();
    }
    // How long it waits after the failure that has just been reported, which must stop an attempt.
    Time wait_before_retry() {
        const Time start = now_;
        EXPECT_EQ(orders().size(), 1U);
        EXPECT_EQ(state(), State::Lost);
        const auto deadline = it().deadline(now_);
        if (!deadline) {
            ADD_FAILURE() << "it does not want to try again";
            return Time{};
        }
        now_ = *deadline - 1ms;
        EXPECT_EQ(orders(), Commands{}) << "too early";
        now_ = *deadline;
        EXPECT_EQ(orders().size(), 1U);
        EXPECT_EQ(state(), State::Connecting);
        return *deadline - start;
    }

    Supervisor& it() { return *supervisor_; }
    State state() { return it().state(); }

    Time now_{1'000'000};
    double random_ = 0; // no jitter

  private:
    static std::string text(const Command& command) {
        const std::string attempt = std::to_string(command.attempt);
        const std::string transport = std::string(command.transport == Transport::Udp   ? " udp"
                                                  : command.transport == Transport::Tcp ? " tcp"
                                                                                        : " http") +
                                      (command.redirected ? " elsewhere" : "");
        switch (command.kind) {
        case Command::Kind::Describe:
            return "describe " + attempt + transport;
        case Command::Kind::Play:
            return "play " + attempt + transport;
        case Command::Kind::Stop:
            return "stop " + attempt;
        case Command::Kind::Probe:
            return command.patient ? "probe patiently" : "probe";
        default:
            return "none";
        }
    }

    std::optional<Supervisor> supervisor_{std::in_place, Policy{}, [this] { return random_; }};
};

} // namespace tests
} // namespace rtspproxy::backend
