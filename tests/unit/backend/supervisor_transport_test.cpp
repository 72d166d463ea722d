// UDP or TCP.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

class SupervisorTransport : public SupervisorTest {
  protected:
    // An answer, but no packet.
    Commands time_out() {
        described();
        return after(5s);
    }
};

TEST_F(SupervisorTransport, IsUdpFirst) {
    EXPECT_EQ(it().transport(), Transport::Udp);
    reach_connecting();
    EXPECT_EQ(it().transport(), Transport::Udp);
    EXPECT_FALSE(it().take_fallback());
}

TEST_F(SupervisorTransport, FallsBackToTcpAtOnceIfNothingArrives) {
    reach_connecting();
    EXPECT_EQ(time_out(), (Commands{"stop 2", "play 3 tcp"}));
    EXPECT_EQ(it().transport(), Transport::Tcp);
    EXPECT_TRUE(it().take_fallback());
    EXPECT_FALSE(it().take_fallback()); // said once
}

TEST_F(SupervisorTransport, FallsBackAtOnceIfUdpIsRefused) {
    reach_connecting();
    fail(Failure::Transport, "back end answered 461");
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 tcp"}));
    EXPECT_TRUE(it().take_fallback());
}

TEST_F(SupervisorTransport, StaysWithWhatWorked) {
    reach_connecting();
    time_out();
    described();
    flowing();
    EXPECT_TRUE(it().take_fallback());
    for (int i = 0; i < 3; ++i) {
        flow_for(5s);
        fail(Failure::Stalled);
        EXPECT_EQ(orders().size(), 1U);
        EXPECT_EQ(probe_says(true).size(), 1U);
        EXPECT_EQ(it().transport(), Transport::Tcp);
        flowing();
    }
    watch(false);
    flow_for(10s);
    watch();
    EXPECT_EQ(orders(), Commands{"play 7 tcp"});
    EXPECT_FALSE(it().take_fallback());
}

TEST_F(SupervisorTransport, StaysWithUdpThatWorkedThoughItIsSilentNow) {
    reach_live();
    flow_for(5s);
    fail(Failure::Stalled);
    orders();
    probe_says(true);
    EXPECT_EQ(time_out(), Commands{"stop 3"}); // a frozen camera that answers
    EXPECT_EQ(it().transport(), Transport::Udp);
    EXPECT_FALSE(it().take_fallback());
}

TEST_F(SupervisorTransport, LeavesWhatWorkedWhenItIsRefused) {
    reach_live();
    flow_for(5s);
    fail(Failure::Ended);
    orders();
    after(500ms);
    fail(Failure::Transport, "back end answered 461"); // it came back configured otherwise
    EXPECT_EQ(orders(), (Commands{"stop 3", "play 4 tcp"}));
}

TEST_F(SupervisorTransport, TriesTcpWheneverUdpIsRefused) {
    reach_live();
    flow_for(5s);
    fail(Failure::Ended);
    orders();
    after(500ms);
    fail(Failure::Refused, "back end answered 454 Session Not Found to SETUP");
    EXPECT_EQ(orders(), (Commands{"stop 3", "play 4 tcp"}));
    fail(Failure::Refused, "back end answered 454 Session Not Found to SETUP");
    EXPECT_EQ(orders(), Commands{"stop 4"}); // now with a pause
    EXPECT_EQ(it().transport(), Transport::Udp);
}

TEST_F(SupervisorTransport, TcpThatWorkedIsKeptThoughItIsRefusedNow) {
    reach_connecting();
    time_out();
    flowing();
    EXPECT_TRUE(it().take_fallback());
    fail(Failure::Ended);
    orders();
    after(500ms);
    fail(Failure::Refused, "back end answered 503 Service Unavailable to SETUP"); // it starts up
    EXPECT_EQ(orders(), Commands{"stop 4"});
    EXPECT_EQ(it().transport(), Transport::Tcp);
    for (int i = 0; i < 4; ++i) {
        after(10s);
        fail(Failure::Refused);
        orders();
    }
    EXPECT_TRUE(it().take_fallback()); // but not for ever
}

TEST_F(SupervisorTransport, GoesBackToUdpIfTcpDoesNotHelp) {
    reach_connecting();
    EXPECT_EQ(time_out(), (Commands{"stop 2", "play 3 tcp"}));
    EXPECT_TRUE(it().take_fallback());
    EXPECT_EQ(time_out(), Commands{"stop 3"}); // now with a pause
    EXPECT_TRUE(it().take_fallback());
    EXPECT_EQ(it().transport(), Transport::Udp);
    EXPECT_EQ(after(500ms), Commands{"play 4 udp"});
    EXPECT_EQ(time_out(), (Commands{"stop 4", "play 5 tcp"}));
    EXPECT_EQ(time_out(), Commands{"stop 5"});
    EXPECT_EQ(after(999ms), Commands{});
    EXPECT_EQ(after(1ms), Commands{"play 6 udp"}); // each round a longer one
}

class SupervisorMulticast : public SupervisorTransport {
  protected:
    // An answer that offers a group, which is asked for.
    void described_in_group() { it().described(it().attempt(), now_, true); }
    // Whether the next attempt, which is due, may ask for a group.
    bool next_may_be_multicast() {
        Command command = it().update(now_);
        if (command.kind == Command::Kind::Stop)
            command = it().update(now_);
        EXPECT_EQ(command.kind, Command::Kind::Play);
        EXPECT_EQ(command.transport, Transport::Udp);
        return command.multicast;
    }
};

TEST_F(SupervisorMulticast, GivesWayToUnicastIfItIsRefused) {
    reach_connecting();
    described_in_group();
    fail(Failure::Transport, "back end answered 461");
    EXPECT_FALSE(next_may_be_multicast());
    EXPECT_TRUE(it().take_unicast());
    EXPECT_FALSE(it().take_unicast()); // said once
    EXPECT_FALSE(it().take_fallback());
}

TEST_F(SupervisorMulticast, GivesWayToUnicastAndThatToTcpIfNothingArrives) {
    reach_connecting();
    described_in_group();
    EXPECT_EQ(after(5s), (Commands{"stop 2", "play 3 udp"}));
    EXPECT_EQ(time_out(), (Commands{"stop 3", "play 4 tcp"}));
    EXPECT_TRUE(it().take_fallback());
}

TEST_F(SupervisorMulticast, GivesWayToUnicastAlsoWhereUdpWasAskedFor) {
    use_with([](Policy& policy) { policy.transport = Transport::Udp; });
    reach_connecting();
    described_in_group();
    fail(Failure::Transport, "back end answered 461");
    EXPECT_FALSE(next_may_be_multicast());
    fail(Failure::Transport, "back end answered 461");
    EXPECT_EQ(orders(), Commands{"stop 3"});
}

TEST_F(SupervisorMulticast, StaysIfItWorks) {
    reach_connecting();
    described_in_group();
    flowing();
    flow_for(5s);
    fail(Failure::Ended);
    orders();
    now_ += 500ms;
    EXPECT_TRUE(next_may_be_multicast());
    EXPECT_FALSE(it().take_unicast());
}

TEST_F(SupervisorTransport, AnotherUrlIsTriedAtOnce) {
    reach_connecting();
    described();
    fail(Failure::Address, "back end answered 404");
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 udp"}));
    fail(Failure::Error, "back end answered 404");
    EXPECT_EQ(orders(), Commands{"stop 3"});
    EXPECT_FALSE(it().take_fallback());
}

TEST_F(SupervisorTransport, ABackEndThatDoesNotAnswerIsNotAskedOtherwise) {
    reach_connecting();
    EXPECT_EQ(after(5s), Commands{"stop 2"});
    EXPECT_EQ(it().transport(), Transport::Udp);
    fail(Failure::Error);
    EXPECT_EQ(it().transport(), Transport::Udp);
    EXPECT_FALSE(it().take_fallback());
}

TEST_F(SupervisorTransport, OtherFailuresDoNotChangeIt) {
    for (const Failure failure : {Failure::Error, Failure::Unauthorized, Failure::Ended}) {
        use({});
        reach_connecting();
        described();
        fail(failure);
        EXPECT_EQ(it().transport(), Transport::Udp);
        EXPECT_FALSE(it().take_fallback());
    }
}

TEST_F(SupervisorTransport, AnAnswerOfTheAttemptBeforeIsNotOne) {
    reach_connecting();
    described();
    fail(Failure::Error);
    orders();
    after(500ms); // the third attempt
    EXPECT_EQ(after(5s), Commands{"stop 3"});
    EXPECT_EQ(it().transport(), Transport::Udp);
}

TEST_F(SupervisorTransport, OneThatWasAskedForIsKept) {
    for (const Transport transport : {Transport::Udp, Transport::Tcp, Transport::HttpTunnel}) {
        use_with([transport](Policy& policy) { policy.transport = transport; });
        reach_connecting();
        EXPECT_EQ(it().transport(), transport);
        EXPECT_EQ(time_out(), Commands{"stop 2"});
        EXPECT_EQ(after(500ms).size(), 1U);
        fail(Failure::Transport);
        EXPECT_EQ(it().transport(), transport);
        EXPECT_FALSE(it().take_fallback());
    }
}

TEST_F(SupervisorTransport, CommandsNameIt) {
    use_with([](Policy& policy) { policy.transport = Transport::HttpTunnel; });
    EXPECT_EQ(orders(), Commands{"describe 1 http"});
}

} // namespace
} // namespace rtspproxy::backend::tests
