// Clients that read slowly, or not at all, or vanish: what they get, and that nobody else notices.
#include "tests/e2e/outages/fixture.hpp"

#include "tests/support/rtsp_connection.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

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

// Whether many clients are written to with one system call or with one each.
class SlowClientAmong : public SlowClient, public testing::WithParamInterface<bool> {};

TEST_P(SlowClientAmong, TheOthersLoseNothing) {
    std::vector<std::string> arguments{"--max-queue-bytes", "1000000", "--stuck-timeout", "60"};
    if (!GetParam())
        arguments.emplace_back("--no-io-uring");
    start_proxy(Ingest::Tcp, arguments);
    start_viewers({"--transport", "tcp"}, 10);
    Swarm stalled(proxy_->url(), {"--transport", "tcp"}, 1);
    ASSERT_TRUE(stalled.wait_fed());
    stalled.tell("pause 1");
    ASSERT_TRUE(eventually([&] { return counters().at("discarded_out") > 0; }, 30s));
    ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
    viewers_->expect_unharmed();
    const auto seen = viewers_->stats();
    SCOPED_TRACE(seen.dump());
    for (const char* flaw : {"lost_packets", "lost_frames", "repeated_frames", "resumes"})
        EXPECT_EQ(seen.at(flaw), 0) << flaw;
    const auto now = counters();
    EXPECT_EQ(now.at("clients"), 11);
    EXPECT_EQ(now.at("kicked"), 0);
}

INSTANTIATE_TEST_SUITE_P(Delivery, SlowClientAmong, testing::Bool(), [](const auto& each) {
    return std::string(each.param ? "io_uring" : "plain");
});

constexpr int kRounds = 5;
constexpr int kPassing = 200; // a round
// At a time, and a second. With a sanitizer the proxy cannot serve more, and the rest would queue
// up.
#ifdef __SANITIZE_ADDRESS__
constexpr int kTogether = 25;
#else
constexpr int kTogether = 200;
#endif

// Clients come and go all the time, half of them without a word and in the middle of a frame.
TEST_F(PassingClients, DisturbNobody) {
    start_proxy(Ingest::Tcp);
    start_viewers({}, 10);
    for (int round = 1; round <= kRounds; ++round) {
        SCOPED_TRACE(round);
        const auto before = counters().at("clients_ever").get<int>();
        Swarm passing(proxy_->url(),
                      {"--audio", "--ramp", std::to_string(kTogether), "--lifetime", "1"},
                      kTogether);
        EXPECT_TRUE(eventually(
            [&] {
                std::this_thread::sleep_for(200ms);
                return counters().at("clients_ever") >= before + kPassing;
            },
            30s))
            << counters().dump();
        const auto seen = passing.stats();
        SCOPED_TRACE(seen.dump());
        EXPECT_GE(seen.at("started"), kPassing);
        EXPECT_GT(seen.at("playing"), 0) << "nobody is left who could vanish";
        EXPECT_TRUE(seen.at("failed").empty());
        EXPECT_EQ(seen.at("disconnects"), 0);
        EXPECT_EQ(seen.at("gaps"), 0);
        EXPECT_EQ(seen.at("duplicates"), 0);
    } // those who still play vanish here
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == 10; })) << counters().dump();
    viewers_->expect_unharmed();
}

// More clients than the limit of open files bears: newcomers are refused in words, nobody else
// notices, and there is room again once some have left.
TEST_F(PassingClients, AreRefusedBeforeFilesRunOut) {
    start_proxy(Ingest::Tcp);
    start_viewers({}, 4);
    constexpr rlimit kFew{300, 300};
    ASSERT_EQ(prlimit(proxy_->process().pid(), RLIMIT_NOFILE, &kFew, nullptr), 0);
    std::vector<RtspConnection> crowd;
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
        auto connection = RtspConnection::connect(proxy_->url());
        ASSERT_TRUE(connection);
        const auto response = connection->request("OPTIONS", proxy_->url());
        ASSERT_TRUE(response) << i << ": " << response.error().message;
        refused += response->status == 503 ? 1 : 0;
        crowd.push_back(std::move(*connection));
    }
    EXPECT_GT(refused, 50);
    EXPECT_LT(refused, 200);
    EXPECT_NE(proxy_->process().err().find("too many connections"), std::string::npos);
    viewers_->expect_unharmed();
    crowd.clear();
    EXPECT_TRUE(proxy_->wait_ready());
}

} // namespace
} // namespace rtspproxy::tests
