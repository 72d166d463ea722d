// Which state follows which, and what is ordered on the way.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

class SupervisorState : public SupervisorTest {};

TEST_F(SupervisorState, BeginsIdleAndWithoutAnAttempt) {
    EXPECT_EQ(state(), State::Idle);
    EXPECT_EQ(it().attempt(), 0U);
    EXPECT_EQ(it().outages(), 0U);
    EXPECT_EQ(it().reason(), "");
    EXPECT_EQ(it().deadline(now_), std::nullopt);
}

TEST_F(SupervisorState, LearnsTheTracksThoughNobodyWatches) {
    EXPECT_EQ(orders(), Commands{"describe 1 udp"});
    EXPECT_EQ(state(), State::Connecting);
    described();
    EXPECT_EQ(orders(), Commands{"stop 1"});
    EXPECT_EQ(state(), State::Idle);
    EXPECT_EQ(it().deadline(now_), std::nullopt); // sleeps until somebody comes
    EXPECT_EQ(after(1h), Commands{});
}

TEST_F(SupervisorState, PlaysWhenSomebodyWatches) {
    reach_known();
    watch();
    EXPECT_EQ(orders(), Commands{"play 2 udp"});
    EXPECT_EQ(state(), State::Connecting);
    described();
    EXPECT_EQ(state(), State::Connecting);
    flowing();
    EXPECT_EQ(orders(), Commands{});
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorState, PlaysAtOnceIfSomebodyWaitedForTheTracks) {
    EXPECT_EQ(orders(), Commands{"describe 1 udp"});
    watch();
    EXPECT_EQ(orders(), Commands{});
    described();
    EXPECT_EQ(orders(), (Commands{"stop 1", "play 2 udp"}));
}

TEST_F(SupervisorState, FlowsWithoutHavingBeenDescribedAgain) {
    reach_connecting();
    flowing();
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorState, ALostOneIsTriedAgain) {
    reach_live();
    flow_for(5s);
    fail(Failure::Ended, "back end ended the stream");
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(it().reason(), "back end ended the stream");
    EXPECT_EQ(orders(), Commands{"stop 2"});
    EXPECT_EQ(after(499ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"play 3 udp"});
    EXPECT_EQ(state(), State::Connecting);
    flowing();
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorState, AFailedDescribeIsTriedAgainThoughNobodyWatches) {
    orders();
    fail(Failure::Error, "connection refused");
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(orders(), Commands{"stop 1"});
    EXPECT_EQ(after(500ms), Commands{"describe 2 udp"});
}

TEST_F(SupervisorState, StopsWhenTheLastViewerHasBeenGoneForALingeringTime) {
    reach_live();
    flow_for(60s);
    watch(false);
    EXPECT_EQ(flow_for(9999ms), Commands{});
    EXPECT_EQ(state(), State::Live);
    EXPECT_EQ(flow_for(1ms), Commands{"stop 2"});
    EXPECT_EQ(state(), State::Idle);
    EXPECT_EQ(it().deadline(now_), std::nullopt);
}

// However seldom it is told that somebody watches: the time counts from when they left.
TEST_F(SupervisorState, LingersFromTheLastMomentOfBeingWatched) {
    reach_live();
    flow_for(1h);
    watch(false);
    EXPECT_EQ(flow_for(5s), Commands{});
    watch(false); // told again and again
    EXPECT_EQ(flow_for(4999ms), Commands{});
    EXPECT_EQ(flow_for(1ms), Commands{"stop 2"});
}

TEST_F(SupervisorState, AViewerWhoComesBackInTimeFindsItRunning) {
    reach_live();
    watch(false);
    flow_for(9s);
    watch();
    flow_for(60s);
    EXPECT_EQ(state(), State::Live);
    EXPECT_EQ(it().attempt(), 2U);
}

TEST_F(SupervisorState, AViewerWhoComesLaterStartsItAgain) {
    reach_live();
    watch(false);
    EXPECT_EQ(flow_for(10s), Commands{"stop 2"});
    now_ += 1h;
    watch();
    EXPECT_EQ(orders(), Commands{"play 3 udp"});
}

TEST_F(SupervisorState, StopsConnectingWhenNobodyWaitsForIt) {
    use_with([](Policy& policy) { policy.idle_timeout = 1s; });
    reach_connecting();
    watch(false);
    EXPECT_EQ(after(999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 2"});
    EXPECT_EQ(state(), State::Idle);
}

TEST_F(SupervisorState, StopsTryingWhenNobodyWaitsForIt) {
    reach_live();
    fail();
    EXPECT_EQ(orders(), Commands{"stop 2"});
    watch(false);
    EXPECT_EQ(after(10s), Commands{}); // the retry would have been due
    EXPECT_EQ(state(), State::Idle);
}

TEST_F(SupervisorState, AnIdleTimeoutOfZeroStopsAtOnce) {
    use_with([](Policy& policy) { policy.idle_timeout = 0ms; });
    reach_live();
    watch(false);
    EXPECT_EQ(orders(), Commands{"stop 2"});
    EXPECT_EQ(state(), State::Idle);
}

TEST_F(SupervisorState, AlwaysOnPlaysWithoutAnybody) {
    use_with([](Policy& policy) { policy.always_on = true; });
    EXPECT_EQ(orders(), Commands{"describe 1 udp"});
    described();
    EXPECT_EQ(orders(), (Commands{"stop 1", "play 2 udp"}));
    flowing();
    EXPECT_EQ(flow_for(1h), Commands{});
    EXPECT_EQ(state(), State::Live);
    fail();
    EXPECT_EQ(orders(), Commands{"stop 2"});
    EXPECT_EQ(after(500ms), Commands{"play 3 udp"});
}

TEST_F(SupervisorState, ForgottenTracksAreLearntAgain) {
    reach_known();
    it().forget_tracks();
    EXPECT_EQ(orders(), Commands{"describe 2 udp"});
    described();
    EXPECT_EQ(orders(), Commands{"stop 2"});
}

TEST_F(SupervisorState, ForgottenWhileLiveTheyAreLearntOnceItEnds) {
    reach_live();
    it().forget_tracks();
    EXPECT_EQ(flow_for(5s), Commands{});
    fail();
    EXPECT_EQ(orders(), Commands{"stop 2"});
    EXPECT_EQ(after(500ms), Commands{"describe 3 udp"});
}

TEST_F(SupervisorState, RestartBeginsAgainAtOnce) {
    reach_live();
    it().restart("other media", now_);
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(it().reason(), "other media");
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 udp"}));
}

TEST_F(SupervisorState, RestartWhileDescribingDescribesAgain) {
    orders();
    it().restart("told to", now_);
    EXPECT_EQ(orders(), (Commands{"stop 1", "describe 2 udp"}));
}

TEST_F(SupervisorState, RestartOfAnIdleOneStaysIdle) {
    reach_known();
    it().restart("told to", now_);
    EXPECT_EQ(orders(), Commands{});
    EXPECT_EQ(state(), State::Idle);
}

// A back end whose media differ at every look must not be restarted in a circle.
TEST_F(SupervisorState, RestartsInARowArePaced) {
    reach_live();
    it().restart("other media", now_);
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 udp"}));
    flowing();
    flow_for(9s);
    it().restart("other media", now_);
    EXPECT_EQ(orders(), Commands{"stop 3"});
    EXPECT_EQ(after(500ms), Commands{"play 4 udp"});
    flowing();
    it().restart("other media", now_);
    EXPECT_EQ(orders(), Commands{"stop 4"});
    EXPECT_EQ(after(999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"play 5 udp"});
    flowing();
    flow_for(10s);
    it().restart("other media", now_); // long after the last one: at once again
    EXPECT_EQ(orders(), (Commands{"stop 5", "play 6 udp"}));
}

TEST_F(SupervisorState, RetryNowCutsTheWaitShort) {
    reach_live();
    fail();
    EXPECT_EQ(orders(), Commands{"stop 2"});
    it().retry_now(now_);
    EXPECT_EQ(orders(), Commands{"play 3 udp"});
    it().retry_now(now_); // nothing to cut short
    EXPECT_EQ(orders(), Commands{});
    flowing();
    it().retry_now(now_);
    EXPECT_EQ(orders(), Commands{});
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorState, RemovingStopsWhatRunsAndIsFinal) {
    reach_live();
    it().remove(now_);
    EXPECT_EQ(state(), State::Removed);
    EXPECT_EQ(orders(), Commands{"stop 2"});
    EXPECT_EQ(it().deadline(now_), std::nullopt);
    described();
    flowing();
    fail();
    watch();
    it().forget_tracks();
    it().restart("told to", now_);
    it().retry_now(now_);
    EXPECT_EQ(after(1h), Commands{});
    EXPECT_EQ(state(), State::Removed);
    EXPECT_EQ(it().reason(), "");
}

TEST_F(SupervisorState, RemovingWhatDoesNotRunOrdersNothing) {
    reach_known();
    it().remove(now_);
    EXPECT_EQ(orders(), Commands{});

    use({});
    orders();
    it().remove(now_);
    EXPECT_EQ(orders(), Commands{"stop 1"});

    use({});
    reach_live();
    fail();
    EXPECT_EQ(orders(), Commands{"stop 2"});
    it().remove(now_);
    EXPECT_EQ(after(1h), Commands{});
}

TEST_F(SupervisorState, OldAttemptsHaveNothingToSay) {
    reach_live();
    fail();
    orders();
    EXPECT_EQ(after(500ms), Commands{"play 3 udp"});
    for (const Attempt old : {Attempt{0}, Attempt{1}, Attempt{2}, Attempt{4}}) {
        it().failed(old, Failure::Error, "late news", now_);
        it().flowing(old, now_);
        it().described(old, now_);
        EXPECT_EQ(orders(), Commands{}) << old;
        EXPECT_EQ(state(), State::Connecting) << old;
        EXPECT_EQ(it().reason(), "it broke") << old;
    }
    flowing();
    it().failed(2, Failure::Error, "late news", now_);
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorState, AnAttemptThatHasBeenGivenUpHasNothingToSay) {
    reach_live();
    fail(Failure::Ended, "first");
    fail(Failure::Error, "second");
    flowing();
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(it().reason(), "first");
    EXPECT_EQ(it().outages(), 1U);
    EXPECT_EQ(orders(), Commands{"stop 2"});

    use_with([](Policy& policy) { policy.idle_timeout = 0ms; });
    reach_live();
    watch(false);
    EXPECT_EQ(orders(), Commands{"stop 2"});
    fail(Failure::Error, "as it was stopped");
    flowing();
    EXPECT_EQ(orders(), Commands{});
    EXPECT_EQ(state(), State::Idle);
}

TEST_F(SupervisorState, FlowingIsNotSaidByADescribe) {
    orders();
    flowing();
    EXPECT_EQ(state(), State::Connecting);
    described();
    flowing(); // late, of the attempt that is being stopped
    EXPECT_EQ(state(), State::Idle);
}

TEST_F(SupervisorState, EachAttemptHasItsNumber) {
    reach_live();
    for (Attempt attempt = 3; attempt < 20; ++attempt) {
        fail();
        orders();
        while (state() != State::Connecting)
            at_deadline();
        EXPECT_EQ(it().attempt(), attempt);
    }
}

TEST_F(SupervisorState, SinceIsWhenTheStateBegan) {
    orders();
    now_ += 30ms;
    described();
    EXPECT_EQ(it().since(), now_);
    orders();
    now_ += 1min;
    watch();
    orders();
    const Time connecting = now_;
    EXPECT_EQ(it().since(), connecting);
    now_ += 200ms;
    described(); // no other state
    EXPECT_EQ(it().since(), connecting);
    flowing();
    const Time live = now_;
    EXPECT_EQ(it().since(), live);
    flow_for(10s);
    EXPECT_EQ(it().since(), live);
    fail();
    EXPECT_EQ(it().since(), now_);
}

TEST_F(SupervisorState, StatesHaveNames) {
    EXPECT_STREQ(state_name(State::Idle), "idle");
    EXPECT_STREQ(state_name(State::Connecting), "connecting");
    EXPECT_STREQ(state_name(State::Live), "live");
    EXPECT_STREQ(state_name(State::Lost), "lost");
    EXPECT_STREQ(state_name(State::Removed), "removed");
}

} // namespace
} // namespace rtspproxy::backend::tests
