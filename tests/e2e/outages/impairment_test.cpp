// A network between camera and proxy that loses packets and mixes them up.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class Impairment : public OutageTest {
  protected:
    [[nodiscard]] int at_camera(const char* counter) {
        return camera_.stats().at("streams").at(0).at(counter).get<int>();
    }
    void play(const std::string& latency) {
        start_proxy(Ingest::Udp, {"--latency", latency});
        start_viewers();
    }
    // Bad for a while, then good for long enough that all of it has arrived.
    void burst(const std::string& command) {
        camera_.tell(command);
        std::this_thread::sleep_for(1500ms);
        camera_.tell(command.substr(0, command.find(' ')) + " 0");
        ASSERT_TRUE(viewers_->wait_fed_again());
    }
};

// Neighbours change places within an access unit: the right order is at hand at once.
TEST_F(Impairment, ReorderedPacketsArePutRight) {
    play("200");
    burst("reorder 30");
    EXPECT_GT(at_camera("packets_reordered"), 0);
    viewers_->expect_unharmed();
    EXPECT_EQ(viewers_->stats().at("lost_frames"), 0);
    EXPECT_EQ(counters().at("reordered_in"), at_camera("packets_reordered"));
    EXPECT_EQ(counters().at("lost_in"), 0);
}

TEST_F(Impairment, LostPacketsAreGapsAndNoMore) {
    play("20");
    burst("loss 10");
    const int lost = at_camera("packets_dropped");
    EXPECT_GT(lost, 0);
    const auto seen = viewers_->stats();
    EXPECT_EQ(seen.at("lost_packets"), lost * viewers_->clients()) << seen.dump();
    viewers_->expect_unharmed(static_cast<std::uint64_t>(lost * viewers_->clients()));
    EXPECT_EQ(counters().at("lost_in"), lost);
}

// More are lost than come: what rtspsrc is shown has gaps, too, and none is counted twice.
TEST_F(Impairment, EachLostPacketIsCountedOnceHoweverMany) {
    play("20");
    burst("loss 90");
    EXPECT_GT(at_camera("packets_dropped"), 0);
    EXPECT_EQ(counters().at("lost_in"), at_camera("packets_dropped"));
}

TEST_F(Impairment, LossAndReorderingTogether) {
    play("200");
    camera_.tell("loss 5");
    burst("reorder 20");
    burst("loss 5");
    const int lost = at_camera("packets_dropped");
    EXPECT_GT(lost, 0);
    const auto seen = viewers_->stats();
    EXPECT_EQ(seen.at("lost_packets"), lost * viewers_->clients()) << seen.dump();
    viewers_->expect_unharmed(static_cast<std::uint64_t>(lost * viewers_->clients()));
}

} // namespace
} // namespace rtspproxy::tests
