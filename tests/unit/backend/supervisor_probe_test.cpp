// A back end that cannot be connected to is probed, and tried again as soon as it can.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

class SupervisorProbe : public SupervisorTest {
  protected:
    SupervisorProbe() { random_ = 0.5; } // no jitter of the probes

    // Watched, and lost because nothing listens there.
    void reach_dark() {
        reach_connecting();
        fail(Failure::Unreachable, "cannot connect");
        ASSERT_EQ(orders(), Commands{"stop 2"});
        ASSERT_TRUE(it().probing());
    }
};

TEST_F(SupervisorProbe, TwiceASecondAndAtTheSamePaceForEver) {
    reach_dark();
    for (std::uint64_t count = 1; count < 200; ++count) {
        EXPECT_EQ(after(499ms), Commands{}) << count;
        const Commands expected{count % 20 == 0 ? "probe patiently" : "probe"};
        EXPECT_EQ(after(1ms), expected) << count;
        it().probed(false, now_);
        EXPECT_EQ(orders(), Commands{});
        EXPECT_EQ(it().probes(), count);
    }
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(it().reason(), "cannot connect");
    EXPECT_EQ(it().attempt(), 2U); // probes are none
}

TEST_F(SupervisorProbe, JitterIsATenthEachWay) {
    for (const double random : {0.0, 0.25, 0.5, 0.75, 0.999999}) {
        random_ = random;
        use({});
        reach_dark();
        const Time start = now_;
        at_deadline();
        EXPECT_NEAR(static_cast<double>((now_ - start).count()), 450 + 100 * random, 1);
    }
}

TEST_F(SupervisorProbe, FromBeginningToBeginning) {
    reach_dark();
    EXPECT_EQ(at_deadline(), Commands{"probe"});
    EXPECT_EQ(it().deadline(now_), std::nullopt); // its end is reported
    EXPECT_EQ(after(400ms), Commands{});
    it().probed(false, now_);
    EXPECT_EQ(after(99ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"probe"});
    EXPECT_EQ(after(3s), Commands{}); // it had to wait for its turn
    it().probed(false, now_);
    EXPECT_EQ(orders(), Commands{"probe"});
}

TEST_F(SupervisorProbe, SuccessIsTriedAtOnce) {
    reach_dark();
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(probe_says(false), Commands{});
    EXPECT_EQ(probe_says(true), Commands{"play 3 udp"});
    EXPECT_FALSE(it().probing());
    flowing();
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorProbe, APatientOneMaySucceedLater) {
    reach_dark();
    probe_says(false);
    it().probed(true, now_); // while none is under way
    EXPECT_EQ(orders(), Commands{"play 3 udp"});

    use({});
    reach_dark();
    probe_says(false);
    at_deadline();
    it().probed(true, now_); // while the next one is
    EXPECT_EQ(orders(), Commands{"play 3 udp"});
    it().probed(false, now_); // no news any more
    EXPECT_EQ(orders(), Commands{});
    EXPECT_EQ(state(), State::Connecting);
}

TEST_F(SupervisorProbe, OneThatWasNeverSeenIsProbedThoughNobodyWatches) {
    orders();
    fail(Failure::Unreachable);
    EXPECT_EQ(orders(), Commands{"stop 1"});
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(probe_says(false), Commands{});
    EXPECT_EQ(probe_says(true), Commands{"describe 2 udp"});
}

TEST_F(SupervisorProbe, OneThatIsKnownOnlyWhileItIsWanted) {
    reach_dark();
    probe_says(false);
    watch(false);
    EXPECT_EQ(after(9999ms), Commands{"probe"});
    it().probed(false, now_);
    orders();
    EXPECT_EQ(after(1s), Commands{});
    EXPECT_EQ(state(), State::Idle);
    EXPECT_FALSE(it().probing());
    EXPECT_EQ(it().deadline(now_), std::nullopt);
    it().probed(true, now_);
    EXPECT_EQ(orders(), Commands{});

    use_with([](Policy& policy) { policy.always_on = true; });
    ASSERT_EQ(orders().size(), 1U);
    described();
    EXPECT_EQ(orders(), (Commands{"stop 1", "play 2 udp"}));
    fail(Failure::Unreachable);
    EXPECT_EQ(orders(), Commands{"stop 2"});
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(probe_says(false), Commands{});
}

// A host that is switched off does not refuse, it does not answer.
TEST_F(SupervisorProbe, AlsoOneThatDidNotConnectInTime) {
    reach_connecting();
    EXPECT_EQ(after(5s), Commands{"stop 2"});
    EXPECT_TRUE(it().probing());
}

TEST_F(SupervisorProbe, NotOneThatConnectedAndDidNotAnswer) {
    reach_connecting();
    connected();
    EXPECT_EQ(after(5s), Commands{"stop 2"});
    EXPECT_FALSE(it().probing());
    EXPECT_EQ(after(500ms), Commands{"play 3 udp"});
}

TEST_F(SupervisorProbe, AConnectionOfTheAttemptBeforeIsNone) {
    reach_connecting();
    connected();
    fail(Failure::Error);
    orders();
    after(500ms);
    it().connected(2); // late
    EXPECT_EQ(after(5s), Commands{"stop 3"});
    EXPECT_TRUE(it().probing());
}

TEST_F(SupervisorProbe, OneThatFellSilent) {
    reach_live();
    flow_for(1s);
    EXPECT_EQ(after(5s), Commands{"stop 2"});
    EXPECT_EQ(probe_says(true), Commands{"play 3 udp"});
}

// It accepts and closes, or it refuses the password: each time a longer pause, whatever was
// probed in between.
TEST_F(SupervisorProbe, SuccessDoesNotEndTheGrowingPauses) {
    random_ = 0;
    reach_connecting();
    for (const Time expected : {500ms, 1000ms, 2000ms}) {
        fail(Failure::Error);
        EXPECT_EQ(wait_before_retry(), expected);
    }
    fail(Failure::Unreachable); // it restarts
    orders();
    probe_says(false);
    EXPECT_EQ(probe_says(true).size(), 1U); // at once
    for (const Time expected : {4000ms, 8000ms, 10000ms}) {
        fail(Failure::Error);
        EXPECT_EQ(wait_before_retry(), expected);
    }
}

TEST_F(SupervisorProbe, SuccessDoesNotUnlockAnAccount) {
    random_ = 0;
    reach_connecting();
    fail(Failure::Unauthorized);
    EXPECT_EQ(wait_before_retry(), 500ms);
    fail(Failure::Unreachable);
    orders();
    probe_says(true);
    fail(Failure::Unauthorized);
    EXPECT_EQ(wait_before_retry(), 60s);
}

// One that takes a single connection, which the probe was, or flaps: no circle.
TEST_F(SupervisorProbe, OneThatIsGoneRightAfterASuccessIsLeftAloneForLonger) {
    random_ = 0;
    reach_dark();
    probe_says(true);
    fail(Failure::Unreachable);
    EXPECT_EQ(wait_before_retry(), 500ms);
    fail(Failure::Unreachable); // this one was not probed before
    orders();
    EXPECT_TRUE(it().probing());
    probe_says(true);
    fail(Failure::Unreachable);
    EXPECT_EQ(wait_before_retry(), 1000ms);
}

TEST_F(SupervisorProbe, NotWhereItIsNoUse) {
    use_with([](Policy& policy) { policy.probes = false; });
    random_ = 0;
    orders();
    for (const Time expected : {500ms, 1000ms, 2000ms}) {
        fail(Failure::Unreachable);
        EXPECT_EQ(wait_before_retry(), expected);
    }
}

TEST_F(SupervisorProbe, IsCutShortByNewsOfTheBackEnd) {
    reach_dark();
    at_deadline();
    it().retry_now(now_);
    EXPECT_EQ(orders(), Commands{"play 3 udp"});
    it().probed(true, now_);
    EXPECT_EQ(orders(), Commands{});

    use({});
    reach_dark();
    it().restart("told to", now_);
    EXPECT_EQ(orders(), Commands{"play 3 udp"});

    use({});
    reach_dark();
    at_deadline();
    it().remove(now_);
    it().probed(true, now_);
    EXPECT_EQ(after(1h), Commands{});
}

// So that a camera which closes every connection sees at most ten of them in its first minute.
TEST_F(SupervisorProbe, ConnectionsThatAreClosedAreFew) {
    random_ = 0.999999;
    const Time start = now_;
    int connections = 0;
    while (now_ - start < 1min) {
        for (const auto& order : orders())
            connections += order.starts_with("describe") || order.starts_with("probe") ? 1 : 0;
        if (state() == State::Connecting) {
            connected();
            fail(Failure::Error);
            orders();
        }
        now_ = *it().deadline(now_);
    }
    EXPECT_LE(connections, 10);
}

} // namespace
} // namespace rtspproxy::backend::tests
