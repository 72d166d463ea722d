// SIGUSR1: what the mount has been through.
#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

TEST_F(OutageTest, IsInTheCounters) {
    start_proxy(Ingest::Tcp, {"--connect-timeout", "5"});
    ASSERT_TRUE(proxy_->wait_ready());
    auto now = counters();
    EXPECT_EQ(now.at("mount"), "proxyStream");
    EXPECT_EQ(now.at("url"), camera_.url());
    EXPECT_EQ(now.at("state"), "idle");
    EXPECT_EQ(now.at("reason"), "");
    EXPECT_EQ(now.at("attempts"), 1);
    EXPECT_EQ(now.at("clients_ever"), 0);

    start_viewers();
    now = counters();
    EXPECT_EQ(now.at("state"), "live");
    EXPECT_EQ(now.at("transport"), "tcp");
    EXPECT_EQ(now.at("attempts"), 2);
    EXPECT_EQ(now.at("outages"), 0);
    EXPECT_EQ(now.at("lost_seconds"), 0);
    EXPECT_EQ(now.at("clients"), viewers_->clients());
    EXPECT_EQ(now.at("clients_ever"), viewers_->clients());

    camera_.tell("refuse");
    camera_.tell("rst");
    ASSERT_TRUE(wait_lost(2));
    std::this_thread::sleep_for(1s);
    now = counters();
    EXPECT_EQ(now.at("state"), "lost");
    EXPECT_NE(now.at("reason"), "");
    EXPECT_EQ(now.at("outages"), 1);
    EXPECT_GE(now.at("lost_seconds"), 1);
    EXPECT_EQ(now.at("clients"), viewers_->clients());

    camera_.tell("accept");
    ASSERT_TRUE(viewers_->wait_fed_again(30s)) << viewers_->stats().dump();
    viewers_->expect_unharmed();
    camera_.tell("stall"); // so that what came in and what went out are one moment's
    std::this_thread::sleep_for(300ms);
    now = counters();
    const auto sent = camera_.stats().at("streams").at(0);
    const auto got = viewers_->stats();
    EXPECT_EQ(now.at("state"), "live");
    EXPECT_EQ(now.at("outages"), 1);
    EXPECT_EQ(now.at("kicked"), 0);
    EXPECT_EQ(now.at("lost_in"), 0);
    EXPECT_GT(now.at("attempts"), 3);
    const auto packets_in = now.at("packets_in").get<int>() + now.at("dropped_in").get<int>();
    EXPECT_LE(packets_in,
              sent.at("video_packets").get<int>() + sent.at("audio_packets").get<int>());
    EXPECT_EQ(got.at("packets").get<int>() % 1, 0);
    viewers_->tell("leave 10");
    ASSERT_TRUE(eventually([&] { return counters().at("clients") == 30; }));
    EXPECT_EQ(counters().at("clients_ever"), viewers_->clients());
}

} // namespace
} // namespace rtspproxy::tests
