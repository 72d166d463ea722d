// The counters right after clients have left, in each way that there is.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/rtsp_player.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <tuple>

namespace rtspproxy::tests {
namespace {

enum class Way { Pause, Teardown, Drop };

const char* to_string(Way way) {
    switch (way) {
    case Way::Pause:
        return "Pause";
    case Way::Teardown:
        return "Teardown";
    case Way::Drop:
        break;
    }
    return "Drop";
}

void PrintTo(Way way, std::ostream* stream) {
    *stream << to_string(way);
}

using Case = std::tuple<Way, PlayerTransport>;

class LeavingClients : public OutageTest, public testing::WithParamInterface<Case> {
  protected:
    static void leave(RtspPlayer& player, Way way) {
        if (way == Way::Drop)
            return player.disconnect();
        const auto left = way == Way::Pause ? player.pause() : player.teardown();
        EXPECT_TRUE(left) << left.error().message;
    }
};

TEST_P(LeavingClients, AreNotCountedAnyMoreButWhatTheyGotIs) {
    const auto [way, transport] = GetParam();
    constexpr int kStaying = 2;
    constexpr int kLeaving = 3;
    start_proxy(Ingest::Tcp);
    start_viewers({}, kStaying);
    std::vector<std::unique_ptr<RtspPlayer>> players;
    for (int i = 0; i < kLeaving; ++i) {
        players.push_back(std::make_unique<RtspPlayer>(proxy_->url(), transport));
        const auto played = players.back()->play();
        ASSERT_TRUE(played) << played.error().message;
        ASSERT_TRUE(players.back()->wait_packets(50));
    }
    auto out = counters().at("packets_out").get<std::uint64_t>();
    EXPECT_EQ(counters().at("clients"), kStaying + kLeaving);
    for (const auto& player : players)
        leave(*player, way);
    // However it is looked at meanwhile, what was given stays given.
    EXPECT_TRUE(eventually([&] {
        const auto now = counters();
        const auto before = std::exchange(out, now.at("packets_out").get<std::uint64_t>());
        EXPECT_GE(out, before);
        return now.at("clients") == kStaying;
    })) << counters().dump();
    const auto now = counters();
    EXPECT_GE(now.at("packets_out").get<std::uint64_t>(), out);
    EXPECT_EQ(now.at("clients_ever"), kStaying + kLeaving);
    EXPECT_EQ(now.at("kicked"), 0);
    viewers_->expect_unharmed();
}

std::string name_of(const testing::TestParamInfo<Case>& each) {
    return std::string(to_string(std::get<Way>(each.param))) + "_" +
           rtspproxy::tests::to_string(std::get<PlayerTransport>(each.param));
}

INSTANTIATE_TEST_SUITE_P(Ways, LeavingClients,
                         testing::Combine(testing::Values(Way::Pause, Way::Teardown, Way::Drop),
                                          testing::Values(PlayerTransport::Tcp,
                                                          PlayerTransport::Udp)),
                         name_of);

TEST_F(OutageTest, TheCameraIsToldAtOnceWithoutIdleTime) {
    start_proxy(Ingest::Tcp, {"--idle-timeout", "0"});
    start_viewers({}, 4);
    EXPECT_EQ(camera_.requests("TEARDOWN"), 0);
    viewers_->tell("leave 3");
    EXPECT_TRUE(eventually([&] { return counters().at("clients") == 1; }));
    EXPECT_EQ(camera_.requests("TEARDOWN"), 0) << "somebody still watches";
    viewers_->tell("leave 1");
    EXPECT_TRUE(camera_.wait_requests("TEARDOWN", 1));
    EXPECT_TRUE(eventually([&] { return counters().at("state") == "idle"; })) << counters().dump();
    EXPECT_EQ(counters().at("clients"), 0);
    EXPECT_EQ(camera_.requests("PLAY"), 1);
    EXPECT_EQ(camera_.requests("TEARDOWN"), 1);
}

} // namespace
} // namespace rtspproxy::tests
