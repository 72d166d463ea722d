// How long a back end that failed is left alone.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

class SupervisorBackoff : public SupervisorTest {
  protected:
    Time fail_and_wait(Failure failure = Failure::Error) {
        fail(failure);
        return wait_before_retry();
    }
};

TEST_F(SupervisorBackoff, DoublesToItsLimit) {
    orders();
    for (const Time expected : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10000ms, 10000ms})
        EXPECT_EQ(fail_and_wait(), expected);
    for (int i = 0; i < 100; ++i) // and never overflows
        ASSERT_EQ(fail_and_wait(), 10s);
}

TEST_F(SupervisorBackoff, HasTheTimesOfItsPolicy) {
    use_with([](Policy& policy) {
        policy.backoff_first = 100ms;
        policy.backoff_limit = 300ms;
    });
    orders();
    for (const Time expected : {100ms, 200ms, 300ms, 300ms})
        EXPECT_EQ(fail_and_wait(), expected);
}

TEST_F(SupervisorBackoff, IsTheSameForEveryFailureButTheUnauthorized) {
    for (const Failure failure :
         {Failure::Error, Failure::Ended, Failure::Stalled, Failure::Timeout, Failure::Transport}) {
        use({});
        orders();
        connected();
        EXPECT_EQ(fail_and_wait(failure), 500ms);
        connected();
        EXPECT_EQ(fail_and_wait(failure), 1000ms);
    }
}

TEST_F(SupervisorBackoff, JitterTakesABitOff) {
    for (const double random : {0.0, 0.25, 0.5, 0.999999}) {
        random_ = random;
        use({});
        orders();
        for (const Time full : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10000ms, 10000ms}) {
            const Time wait = fail_and_wait();
            EXPECT_LE(wait, full) << random;
            EXPECT_GE(wait, full * 92 / 100) << random;
            EXPECT_NEAR(static_cast<double>(wait.count()),
                        static_cast<double>(full.count()) * (1 - 0.08 * random), 1)
                << random;
        }
    }
}

TEST_F(SupervisorBackoff, ASuccessfulDescribeEndsIt) {
    orders();
    for (int i = 0; i < 5; ++i)
        fail_and_wait();
    described();
    watch();
    EXPECT_EQ(orders().size(), 2U); // stop, play
    EXPECT_EQ(fail_and_wait(), 500ms);
}

TEST_F(SupervisorBackoff, APlayThatWasAnsweredDoesNotEndIt) {
    reach_connecting();
    EXPECT_EQ(fail_and_wait(), 500ms);
    described();
    EXPECT_EQ(fail_and_wait(), 1000ms);
    described();
    EXPECT_EQ(fail_and_wait(), 2000ms);
}

TEST_F(SupervisorBackoff, ASecondOfPacketsEndsIt) {
    reach_live();
    for (int i = 0; i < 3; ++i) {
        flow_for(1s);
        EXPECT_EQ(fail_and_wait(), 500ms);
        flowing();
    }
}

// A camera that sends a packet and dies, again and again.
TEST_F(SupervisorBackoff, LessThanASecondOfPacketsDoesNot) {
    reach_live();
    for (const Time expected : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10000ms}) {
        flow_for(999ms);
        EXPECT_EQ(fail_and_wait(), expected);
        flowing();
    }
}

TEST_F(SupervisorBackoff, TheFirstWrongPasswordIsTriedAgainSoon) {
    orders();
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 500ms);
}

TEST_F(SupervisorBackoff, TheSecondIsAMinute) {
    orders();
    fail_and_wait(Failure::Unauthorized);
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 60s);
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 60s);
    random_ = 0.999999;
    const Time wait = fail_and_wait(Failure::Unauthorized);
    EXPECT_GE(wait, 55s);
    EXPECT_LT(wait, 56s);
}

TEST_F(SupervisorBackoff, AnotherFailureBetweenTwoWrongPasswordsBeginsAnew) {
    orders();
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 500ms);
    EXPECT_EQ(fail_and_wait(Failure::Error), 1000ms);
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 2000ms);
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 60s);
}

TEST_F(SupervisorBackoff, ThePasswordThatWorksEndsIt) {
    orders();
    fail_and_wait(Failure::Unauthorized);
    fail_and_wait(Failure::Unauthorized);
    described();
    watch();
    EXPECT_EQ(orders().size(), 2U);
    flowing();
    flow_for(2s);
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 500ms);
}

// Cameras that describe themselves to anybody ask for the password at SETUP.
TEST_F(SupervisorBackoff, AWrongPasswordAfterAnAnswerIsAWrongPassword) {
    reach_connecting();
    described();
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 500ms);
    described();
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 60s);
    described();
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 60s);
    flowing();
    flow_for(2s);
    EXPECT_EQ(fail_and_wait(Failure::Unauthorized), 500ms);
}

TEST_F(SupervisorBackoff, OfRestartsInARow) {
    reach_live();
    flow_for(5s);
    it().restart("told to", now_);
    EXPECT_EQ(orders().size(), 2U);
    it().restart("told to", now_);
    EXPECT_EQ(wait_before_retry(), 500ms);
    it().restart("told to", now_);
    EXPECT_EQ(wait_before_retry(), 1000ms);
}

} // namespace
} // namespace rtspproxy::backend::tests
