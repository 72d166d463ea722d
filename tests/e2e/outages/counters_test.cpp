// SIGUSR1: what the mount has been through, one line of JSON.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class Counters : public OutageTest {
  protected:
    // Packets as each of the three counts them.
    struct Traffic {
        int sent = 0;
        int in = 0;
        int out = 0;
        int received = 0;
    };

    // While the camera sends nothing, until all that it has sent has arrived everywhere.
    Traffic settled_traffic() {
        camera_.tell("stall");
        const auto look = [&] {
            const auto stream = camera_.stats().at("streams").at(0);
            const auto now = counters();
            return Traffic{stream.at("video_packets").get<int>() +
                               stream.at("audio_packets").get<int>(),
                           now.at("packets_in").get<int>(), now.at("packets_out").get<int>(),
                           viewers_->stats().at("packets").get<int>()};
        };
        Traffic last = look();
        EXPECT_TRUE(eventually([&] {
            std::this_thread::sleep_for(100ms);
            const Traffic now = look();
            const bool settled = now.in == last.in && now.received == last.received;
            last = now;
            return settled;
        }));
        camera_.tell("resume");
        return last;
    }
};

TEST_F(Counters, BeginAtNothing) {
    start_proxy(Ingest::Tcp);
    ASSERT_TRUE(proxy_->wait_ready());
    const auto now = counters();
    EXPECT_EQ(now.at("mount"), "proxyStream");
    EXPECT_EQ(now.at("url"), camera_.url());
    EXPECT_EQ(now.at("state"), "idle");
    EXPECT_EQ(now.at("reason"), "");
    EXPECT_EQ(now.at("attempts"), 1) << "the SDP was asked for";
    for (const char* counter :
         {"outages", "lost_seconds", "packets_in", "bytes_in", "lost_in", "reordered_in",
          "packets_out", "bytes_out", "clients", "clients_ever", "kicked"})
        EXPECT_EQ(now.at(counter), 0) << counter;
}

TEST_F(Counters, CountEveryPacket) {
    start_proxy(Ingest::Tcp, {"--stall-timeout", "60"});
    start_viewers();
    const Traffic before = settled_traffic();
    std::this_thread::sleep_for(1s);
    const Traffic after = settled_traffic();
    EXPECT_GT(after.in, before.in);
    EXPECT_EQ(after.in - before.in, after.sent - before.sent);
    EXPECT_EQ(after.received - before.received, viewers_->clients() * (after.in - before.in));
    EXPECT_EQ(after.out - before.out, after.received - before.received);
    const auto now = counters();
    EXPECT_EQ(now.at("state"), "live");
    EXPECT_EQ(now.at("transport"), "tcp");
    EXPECT_EQ(now.at("attempts"), 2);
    EXPECT_EQ(now.at("outages"), 0);
    EXPECT_EQ(now.at("lost_seconds"), 0);
    EXPECT_EQ(now.at("clients"), viewers_->clients());
    EXPECT_EQ(now.at("clients_ever"), viewers_->clients());
}

TEST_F(Counters, TellOfAnOutage) {
    start_proxy(Ingest::Tcp);
    start_viewers();
    camera_.tell("refuse");
    camera_.tell("rst");
    ASSERT_TRUE(wait_lost(2));
    std::this_thread::sleep_for(1s);
    auto now = counters();
    EXPECT_NE(now.at("state"), "live");
    EXPECT_NE(now.at("reason"), "");
    EXPECT_EQ(now.at("outages"), 1);
    EXPECT_GE(now.at("lost_seconds"), 1);
    EXPECT_EQ(now.at("clients"), viewers_->clients());

    camera_.tell("accept");
    ASSERT_TRUE(viewers_->wait_fed_again(30s)) << viewers_->stats().dump();
    viewers_->expect_unharmed();
    now = counters();
    EXPECT_EQ(now.at("state"), "live");
    EXPECT_EQ(now.at("outages"), 1);
    EXPECT_GE(now.at("attempts"), 4) << "SDP, play, at least one in vain, play";
    EXPECT_EQ(now.at("lost_in"), 0);
    EXPECT_EQ(now.at("kicked"), 0);
    const auto lost = now.at("lost_seconds");
    std::this_thread::sleep_for(1s);
    EXPECT_EQ(counters().at("lost_seconds"), lost) << "it is over";

    viewers_->tell("leave 10");
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == viewers_->clients() - 10; }));
    EXPECT_EQ(counters().at("clients_ever"), viewers_->clients());
}

} // namespace
} // namespace rtspproxy::tests
