// Outages, and the time that viewers were left without packets.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

class SupervisorCounters : public SupervisorTest {
  protected:
    Time lost() { return it().time_lost(now_); }
    void recover() {
        while (state() != State::Connecting)
            at_deadline();
        flowing();
        orders();
    }
};

TEST_F(SupervisorCounters, NothingIsLostWhileAllGoesWell) {
    reach_live();
    flow_for(1h);
    EXPECT_EQ(it().outages(), 0U);
    EXPECT_EQ(lost(), 0ms);
}

TEST_F(SupervisorCounters, OutagesAreEndsOfALiveStream) {
    reach_live();
    for (unsigned outage = 1; outage <= 5; ++outage) {
        flow_for(2s);
        fail();
        EXPECT_EQ(it().outages(), outage);
        orders();
        recover();
        EXPECT_EQ(it().outages(), outage);
    }
}

TEST_F(SupervisorCounters, FailedAttemptsAreNoFurtherOutages) {
    reach_live();
    flow_for(2s);
    fail();
    for (int i = 0; i < 4; ++i) {
        orders();
        at_deadline();
        fail();
    }
    EXPECT_EQ(it().outages(), 1U);
}

TEST_F(SupervisorCounters, TimeIsLostFromTheFailureToTheFirstPacket) {
    reach_live();
    flow_for(2s);
    fail(Failure::Ended);
    EXPECT_EQ(lost(), 0ms);
    after(500ms);
    now_ += 200ms;
    EXPECT_EQ(lost(), 700ms); // while it lasts
    flowing();
    EXPECT_EQ(lost(), 700ms);
    flow_for(10s);
    EXPECT_EQ(lost(), 700ms);
}

TEST_F(SupervisorCounters, FailedAttemptsDoNotInterruptIt) {
    reach_live();
    flow_for(2s);
    const Time start = now_;
    fail();
    for (int i = 0; i < 4; ++i) {
        orders();
        at_deadline();
        now_ += 300ms;
        fail();
    }
    orders();
    recover();
    EXPECT_EQ(lost(), now_ - start);
}

// By the time the watchdog notices, nobody has seen a picture for long.
TEST_F(SupervisorCounters, OfAStallItCountsFromTheLastPacket) {
    reach_live();
    flow_for(2s);
    EXPECT_EQ(after(5s), Commands{"stop 2"});
    EXPECT_EQ(lost(), 5s);
    after(500ms);
    flowing();
    EXPECT_EQ(lost(), 5500ms);
}

TEST_F(SupervisorCounters, OutagesAddUp) {
    reach_live();
    for (int i = 1; i <= 3; ++i) {
        flow_for(2s);
        fail();
        after(500ms);
        flowing();
        EXPECT_EQ(lost(), i * 500ms);
    }
}

TEST_F(SupervisorCounters, ABackEndThatCannotBeStartedIsMissedFromItsFirstFailure) {
    reach_connecting();
    fail();
    after(500ms);
    now_ += 100ms;
    EXPECT_EQ(lost(), 600ms);
    EXPECT_EQ(it().outages(), 0U); // it never was there
}

TEST_F(SupervisorCounters, NobodyMissesItWhileNobodyWatches) {
    orders();
    fail(); // of a describe
    after(500ms);
    EXPECT_EQ(lost(), 0ms);
    described();
    orders();
    EXPECT_EQ(after(1h), Commands{});
    EXPECT_EQ(lost(), 0ms);
}

TEST_F(SupervisorCounters, TheClockStopsWhenTheLastViewerIsGone) {
    reach_live();
    flow_for(2s);
    fail();
    watch(false);
    orders();
    connected();
    while (state() != State::Idle) {
        at_deadline();
        connected();
    }
    const Time at_the_end = lost();
    EXPECT_GT(at_the_end, 0ms);
    now_ += 1h;
    EXPECT_EQ(lost(), at_the_end);
}

TEST_F(SupervisorCounters, TheClockStopsWithTheMount) {
    reach_live();
    flow_for(2s);
    fail();
    now_ += 300ms;
    it().remove(now_);
    now_ += 1h;
    EXPECT_EQ(lost(), 300ms);
}

TEST_F(SupervisorCounters, TheReasonIsThatOfTheLastFailure) {
    reach_live();
    fail(Failure::Error, "first");
    orders();
    at_deadline();
    fail(Failure::Error, "second");
    EXPECT_EQ(it().reason(), "second");
    orders();
    recover();
    EXPECT_EQ(it().reason(), "second"); // kept, to be shown
}

} // namespace
} // namespace rtspproxy::backend::tests
