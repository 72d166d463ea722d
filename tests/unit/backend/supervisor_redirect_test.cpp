// Back ends that say that their stream is elsewhere.
#include "tests/unit/backend/supervisor_fixture.hpp"

namespace rtspproxy::backend::tests {
namespace {

using SupervisorRedirect = SupervisorTest;

TEST_F(SupervisorRedirect, IsFollowedAtOnce) {
    EXPECT_EQ(orders(), Commands{"describe 1 udp"});
    redirect();
    EXPECT_EQ(orders(), (Commands{"stop 1", "describe 2 udp elsewhere"}));
    EXPECT_EQ(state(), State::Connecting);
    described();
    EXPECT_EQ(orders(), Commands{"stop 2"});
    watch();
    EXPECT_EQ(orders(), Commands{"play 3 udp"}) << "each attempt begins at the URL";
    redirect();
    EXPECT_EQ(orders(), (Commands{"stop 3", "play 4 udp elsewhere"}));
    described();
    flowing();
    EXPECT_EQ(state(), State::Live);
    EXPECT_EQ(it().outages(), 0U);
    EXPECT_EQ(it().time_lost(now_), 0ms);
}

TEST_F(SupervisorRedirect, WithoutEndIsAFailureAsOthersAre) {
    reach_connecting();
    for (int round = 0; round < 3; ++round) {
        for (unsigned i = 0; i < Supervisor::kMaxRedirects; ++i) {
            redirect();
            ASSERT_EQ(orders().size(), 2U);
            ASSERT_EQ(state(), State::Connecting);
        }
        redirect();
        EXPECT_EQ(wait_before_retry(), 500ms * (1 << round));
        EXPECT_EQ(it().reason(), "back end redirects without end");
    }
}

TEST_F(SupervisorRedirect, AfterAFailureTheUrlIsTriedAgain) {
    reach_connecting();
    redirect();
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 udp elsewhere"}));
    fail();
    EXPECT_EQ(orders(), Commands{"stop 3"});
    EXPECT_EQ(after(500ms), Commands{"play 4 udp"});
}

TEST_F(SupervisorRedirect, OfAnAttemptThatIsOverMeansNothing) {
    reach_connecting();
    const auto old = it().attempt();
    fail();
    EXPECT_EQ(orders().size(), 1U);
    it().redirected(old, now_);
    EXPECT_EQ(orders(), Commands{});
    EXPECT_EQ(after(500ms), Commands{"play 3 udp"});
    it().redirected(old, now_);
    EXPECT_EQ(orders(), Commands{});
}

// Its own URL is what would be probed, and would be found to be there.
TEST_F(SupervisorRedirect, ToAHostThatIsNotThereIsNoReasonToProbe) {
    reach_connecting();
    for (int round = 0; round < 3; ++round) {
        redirect();
        ASSERT_EQ(orders().size(), 2U);
        fail(Failure::Unreachable, "cannot connect");
        EXPECT_EQ(wait_before_retry(), 500ms * (1 << round));
    }
}

// rtspsrc reports the answer as an error, too.
TEST_F(SupervisorRedirect, IsNotUndoneByTheErrorThatFollows) {
    reach_connecting();
    const auto old = it().attempt();
    redirect();
    it().failed(old, Failure::Error, "back end answered 399", now_);
    EXPECT_EQ(orders(), (Commands{"stop 2", "play 3 udp elsewhere"}));
}

TEST_F(SupervisorRedirect, NobodyFollowsOnceNobodyWatches) {
    reach_connecting();
    redirect();
    watch(false);
    now_ += 10s;
    EXPECT_EQ(orders(), Commands{"stop 2"});
    watch();
    EXPECT_EQ(orders(), Commands{"play 3 udp"});
}

} // namespace
} // namespace rtspproxy::backend::tests
