// Viewers live through whatever the camera does: same session, same stream.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class Outage : public OutageTest, public ::testing::WithParamInterface<Ingest> {
  protected:
    void SetUp() override {
        start_proxy(GetParam());
        start_viewers();
    }

    // The camera is well again: so are the viewers.
    void expect_fed_again() {
        ASSERT_TRUE(camera_.wait_requests("PLAY", ++plays_));
        ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
        viewers_->expect_unharmed();
    }
    // … after a silence that each of them has noticed (the proxy's frames were old ones before).
    void expect_silence_ended(int times = 1) {
        const auto seen = viewers_->stats();
        EXPECT_EQ(seen.at("resumes"), times * viewers_->clients()) << seen.dump();
    }

    int plays_ = 1; // that the camera was asked for
};

TEST_P(Outage, OfSixSecondsInTheDark) {
    camera_.kill();
    ASSERT_TRUE(wait_lost(1));
    std::this_thread::sleep_for(6s);
    camera_.start();
    plays_ = 0; // it is another process
    expect_fed_again();
    expect_silence_ended();
    viewers_->expect_true_reports();
}

TEST_P(Outage, ByReset) {
    camera_.tell("rst");
    ASSERT_TRUE(wait_lost(1));
    expect_fed_again();
}

TEST_P(Outage, ByClosedConnection) {
    camera_.tell("close");
    ASSERT_TRUE(wait_lost(1));
    expect_fed_again();
}

TEST_P(Outage, ByGoodbye) {
    camera_.tell("bye");
    camera_.tell("stall");
    ASSERT_TRUE(wait_lost(1));
    camera_.tell("resume");
    expect_fed_again();
}

// RTSP is answered, nothing is sent.
TEST_P(Outage, ByStall) {
    camera_.tell("stall");
    ASSERT_TRUE(wait_lost(2));
    camera_.tell("resume");
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    viewers_->expect_unharmed();
    expect_silence_ended();
}

// Connections are made (by the kernel), nothing is answered.
TEST_P(Outage, ByFrozenCamera) {
    camera_.freeze();
    ASSERT_TRUE(wait_lost(2));
    camera_.thaw();
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    viewers_->expect_unharmed();
    expect_silence_ended();
}

TEST_P(Outage, TenTimesInARow) {
    for (int round = 1; round <= 10; ++round) {
        SCOPED_TRACE(round);
        camera_.tell(round % 2 == 0 ? "close" : "rst");
        ASSERT_TRUE(wait_lost(round));
        ASSERT_TRUE(camera_.wait_requests("PLAY", ++plays_));
        // For longer than a second, so that the proxy does not take it for one that is best left
        // alone for a while.
        ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    }
    viewers_->expect_unharmed();
}

INSTANTIATE_TEST_SUITE_P(Ingest, Outage, ::testing::Values(Ingest::Tcp, Ingest::Udp),
                         [](const auto& test) { return std::string(to_string(test.param)); });

} // namespace
} // namespace rtspproxy::tests
