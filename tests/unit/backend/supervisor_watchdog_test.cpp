// The two watchdogs, and when the supervisor wants to be asked.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

class SupervisorWatchdog : public SupervisorTest {};

TEST_F(SupervisorWatchdog, GivesUpADescribeWithoutAnAnswer) {
    orders();
    EXPECT_EQ(it().deadline(now_), now_ + 5s);
    EXPECT_EQ(after(4999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 1"});
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(it().reason(), "no answer within 5 s");
}

TEST_F(SupervisorWatchdog, GivesUpAPlayWithoutAnAnswer) {
    reach_connecting();
    EXPECT_EQ(after(4999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 2"});
    EXPECT_EQ(it().reason(), "no answer within 5 s");
}

TEST_F(SupervisorWatchdog, GivesUpAPlayWithoutAPacket) {
    use_with([](Policy& policy) { policy.transport = Transport::Tcp; });
    reach_connecting();
    now_ += 1s;
    described();
    EXPECT_EQ(after(3999ms), Commands{}); // since it was ordered
    EXPECT_EQ(after(1ms), Commands{"stop 2"});
    EXPECT_EQ(it().reason(), "no packet within 5 s");
}

TEST_F(SupervisorWatchdog, PacketsOfAnEarlierAttemptDoNotCount) {
    reach_live();
    fail();
    orders();
    after(500ms);
    it().packet(now_); // what was left in a queue
    EXPECT_EQ(after(5s), Commands{"stop 3"});
    EXPECT_EQ(state(), State::Lost);
}

TEST_F(SupervisorWatchdog, GivesUpAStreamThatStops) {
    reach_live();
    flow_for(30s);
    EXPECT_EQ(after(4999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 2"});
    EXPECT_EQ(state(), State::Lost);
    EXPECT_EQ(it().reason(), "no packet for 5 s");
}

TEST_F(SupervisorWatchdog, CountsFromTheFirstPacket) {
    reach_live();
    EXPECT_EQ(after(4999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 2"});
}

TEST_F(SupervisorWatchdog, OldNewsOfPacketsTakesNothingBack) {
    reach_live();
    flow_for(10s);
    it().packet(now_ - 8s);
    it().packet(Time{0});
    EXPECT_EQ(after(4999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 2"});
}

TEST_F(SupervisorWatchdog, APacketInTimeKeepsItLive) {
    reach_live();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(after(4999ms), Commands{});
        it().packet(now_);
    }
    EXPECT_EQ(state(), State::Live);
}

TEST_F(SupervisorWatchdog, HasTheTimesOfItsPolicy) {
    use_with([](Policy& policy) {
        policy.connect_timeout = 2s;
        policy.stall_timeout = 3s;
    });
    orders();
    connected();
    EXPECT_EQ(after(2s), Commands{"stop 1"});
    EXPECT_EQ(it().reason(), "no answer within 2 s");
    EXPECT_EQ(after(500ms), Commands{"describe 2 udp"});
    described();
    watch();
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 udp"}));
    flowing();
    EXPECT_EQ(after(2999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"stop 3"});
    EXPECT_EQ(it().reason(), "no packet for 3 s");
}

// Whoever only asks at the deadlines learns of everything, and is not asked to come all the time.
TEST_F(SupervisorWatchdog, DeadlinesAreEnough) {
    reach_live();
    const Time stalled = now_ + 5s;
    int asked = 0;
    while (state() == State::Live && asked < 100) {
        at_deadline();
        ++asked;
    }
    EXPECT_EQ(state(), State::Lost);
    EXPECT_GE(now_, stalled);
    EXPECT_LE(now_, stalled + 500ms);
    EXPECT_LE(asked, 11);
}

// A thousand back ends wake the thread up twice a second, not two thousand times.
TEST_F(SupervisorWatchdog, AllAreLookedAtAtTheSameMoments) {
    reach_live();
    const auto deadline = it().deadline(now_);
    flow_for(1ms); // as one would see it that went live a bit later
    EXPECT_EQ(it().deadline(now_), deadline);
    ASSERT_TRUE(deadline.has_value());
    EXPECT_EQ(it().deadline(*deadline), *deadline + 500ms);
}

TEST_F(SupervisorWatchdog, TheDeadlineOfConnectingIsNotMissed) {
    reach_connecting();
    const Time limit = now_ + 5s;
    while (state() == State::Connecting) {
        ASSERT_GT(it().deadline(now_).value_or(now_), now_);
        ASSERT_LE(*it().deadline(now_), limit);
        at_deadline();
    }
    EXPECT_EQ(now_, limit);
}

TEST_F(SupervisorWatchdog, SleepsThroughABackoff) {
    reach_live();
    flow_for(5s);
    fail();
    orders();
    EXPECT_EQ(it().deadline(now_), now_ + 500ms);
}

} // namespace
} // namespace rtspproxy::backend::tests
