// Clients that read slowly, or not at all, or vanish: what they get, and that nobody else notices.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class SlowClient : public OutageTest {
  protected:
    SlowClient() : OutageTest({"--audio", "--bitrate", "16000000"}) {}
};
class PassingClients : public OutageTest {};

TEST_F(SlowClient, LosesWholeAccessUnitsUpToAKeyFrameAndDisturbsNobody) {
    start_proxy(Ingest::Tcp, {"--max-queue-bytes", "1000000"});
    start_viewers({}, 10);
    Swarm slow(proxy_->url(), {"--transport", "tcp"}, 1);
    ASSERT_TRUE(slow.wait_fed());
    ASSERT_TRUE(slow.wait_key_frames());
    slow.tell("pause 1");
    std::this_thread::sleep_for(5s); // what the sockets hold, and more than a megabyte
    ASSERT_TRUE(eventually([&] { return counters().at("discarded_out") > 0; }, 20s));
    slow.tell("resume");
    ASSERT_TRUE(slow.wait_fed_again()) << slow.stats().dump();
    const auto seen = slow.stats();
    SCOPED_TRACE(seen.dump());
    EXPECT_GT(seen.at("lost_packets"), 0);
    EXPECT_GT(seen.at("gaps"), 0);
    EXPECT_EQ(seen.at("frames_after_gap_not_key"), 0);
    EXPECT_EQ(seen.at("malformed"), 0);
    EXPECT_EQ(seen.at("disconnects"), 0);
    viewers_->expect_unharmed();
    EXPECT_EQ(counters().at("kicked"), 0);
}

TEST_F(SlowClient, IsDisconnectedOnceItHasStoppedReading) {
    start_proxy(Ingest::Tcp, {"--max-queue-bytes", "1000000", "--stuck-timeout", "2"});
    start_viewers({}, 10);
    Swarm stuck(proxy_->url(), {"--transport", "tcp"}, 2);
    ASSERT_TRUE(stuck.wait_fed());
    stuck.tell("pause 1");
    ASSERT_TRUE(eventually([&] { return counters().at("kicked") == 1; }, 30s));
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == 11; }));
    EXPECT_NE(proxy_->process().err().find("client 127.0.0.1 disconnected: it has stopped reading"),
              std::string::npos);
    stuck.tell("resume");
    EXPECT_TRUE(eventually([&] { return stuck.stats().at("disconnects") == 1; }));
    viewers_->expect_unharmed();
}

TEST_F(SlowClient, OverATunnelDoesTheSame) {
    start_proxy(Ingest::Tcp, {"--max-queue-bytes", "1000000", "--stuck-timeout", "2"});
    start_viewers({}, 4);
    Process tunnel({"ffmpeg", "-v", "error", "-rtsp_transport", "http", "-i", proxy_->url(), "-c",
                    "copy", "-f", "null", "-"});
    ASSERT_TRUE(eventually([&] { return counters().at("clients") == 5; }, 20s));
    tunnel.send_signal(SIGSTOP);
    EXPECT_TRUE(eventually([&] { return counters().at("kicked") == 1; }, 30s));
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == 4; }, 10s));
    tunnel.send_signal(SIGCONT);
    viewers_->expect_unharmed();
}

// A second. With a sanitizer the proxy cannot serve more, and the rest would queue up.
#ifdef __SANITIZE_ADDRESS__
constexpr int kPassing = 25;
#else
constexpr int kPassing = 200;
#endif

// Clients come and go all the time, half of them without a word and in the middle of a frame.
TEST_F(PassingClients, DisturbNobody) {
    start_proxy(Ingest::Tcp);
    start_viewers({}, 10);
    for (int round = 1; round <= 5; ++round) {
        Swarm passing(proxy_->url(),
                      {"--audio", "--ramp", std::to_string(kPassing), "--lifetime", "1"}, kPassing);
        EXPECT_TRUE(eventually(
            [&] {
                std::this_thread::sleep_for(200ms);
                return counters().at("clients_ever") >= round * kPassing;
            },
            30s));
        const auto seen = passing.stats();
        SCOPED_TRACE(seen.dump());
        EXPECT_TRUE(seen.at("failed").empty());
        EXPECT_EQ(seen.at("disconnects"), 0);
        EXPECT_EQ(seen.at("gaps"), 0);
        EXPECT_EQ(seen.at("duplicates"), 0);
    } // the rest of them vanish here
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == 10; })) << counters().dump();
    viewers_->expect_unharmed();
}

} // namespace
} // namespace rtspproxy::tests
