// What players send as RTCP, or where RTCP and RTP are sent from: nobody else notices, and it costs
// next to nothing.
#include "tests/e2e/hostile/reporter.hpp"
#include "tests/e2e/outages/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace rtspproxy::tests {
namespace {

using testing::ElementsAre;

class Reports : public OutageTest {
  protected:
    explicit Reports(std::chrono::seconds limit = 90s)
        : OutageTest(std::vector<std::string>{}, limit) {}

    void SetUp() override {
        OutageTest::SetUp();
        start_proxy(Ingest::Tcp);
        ASSERT_TRUE(proxy_->wait_ready()) << proxy_->report();
        bystander_.emplace(proxy_->url());
        udp_bystander_.emplace(proxy_->url(), PlayerTransport::Udp);
        ASSERT_TRUE(bystander_->play());
        ASSERT_TRUE(udp_bystander_->play());
        ASSERT_TRUE(eventually([&] {
            return bystander_->look().packets > 20 && udp_bystander_->look().packets > 20;
        }));
    }

    // … of both bystanders: the stream has gone on, up to sender reports that came after this call.
    void expect_unnoticed() {
        const std::uint32_t ssrc = bystander_->announced_ssrc();
        for (ReportingPlayer* each : {&*bystander_, &*udp_bystander_}) {
            const auto before = each->look();
            EXPECT_TRUE(eventually(
                [&] {
                    return each->look().sender_reports > before.sender_reports &&
                           each->look().packets > before.packets;
                },
                30s));
            EXPECT_EQ(each->look().goodbyes, 0U);
            EXPECT_EQ(each->look().gaps, 0U);
            EXPECT_THAT(each->look().ssrcs, ElementsAre(ssrc));
        }
        ReportingPlayer late(proxy_->url());
        ASSERT_TRUE(late.play());
        EXPECT_EQ(late.announced_ssrc(), ssrc);
        EXPECT_TRUE(eventually([&] { return late.look().packets > 0; }));
        EXPECT_THAT(late.look().ssrcs, ElementsAre(ssrc));
    }

    [[nodiscard]] int counter(const std::string& name) { return counters().at(name).get<int>(); }
    [[nodiscard]] long resident_kilobytes() {
        std::ifstream status("/proc/" + std::to_string(proxy_->process().pid()) + "/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("VmRSS:"))
                return std::stol(line.substr(6));
        ADD_FAILURE() << "no VmRSS";
        return 0;
    }

    void expect_growth_below([[maybe_unused]] long kilobytes, [[maybe_unused]] long before) {
#ifndef __SANITIZE_ADDRESS__ // which keeps freed memory for a while
        EXPECT_LT(resident_kilobytes() - before, kilobytes);
#endif
    }

    std::optional<ReportingPlayer> bystander_, udp_bystander_;
};

class ReportsOver : public Reports, public testing::WithParamInterface<PlayerTransport> {};

TEST_P(ReportsOver, WithTheSsrcOfTheStreamAreNobodyElsesBusiness) {
    ReportingPlayer player(proxy_->url(), GetParam());
    ASSERT_TRUE(player.play());
    const auto ssrc = player.announced_ssrc();
    EXPECT_EQ(ssrc, bystander_->announced_ssrc());
    const auto both = [](Bytes one, const Bytes& other) {
        one.insert(one.end(), other.begin(), other.end());
        return one;
    };
    for (const auto& packet : {receiver_report(ssrc), sender_report(ssrc),
                               both(receiver_report(ssrc), description(ssrc)),
                               both(receiver_report(ssrc), goodbye(ssrc))})
        ASSERT_TRUE(player.send_rtcp(packet));
    ASSERT_TRUE(player.send_rtcp(description(ssrc))); // no report before it: not valid
    EXPECT_TRUE(eventually([&] { return counter("reports") == 4; })) << counters().dump();
    EXPECT_TRUE(eventually([&] { return counter("reports_malformed") == 1; }));
    EXPECT_EQ(counter("reports_foreign"), 0);
    expect_unnoticed();
}

TEST_P(ReportsOver, OfEverNewSsrcsCostNothing) {
    // What comes over a connection is taken at a measured pace.
    const std::uint32_t flood = GetParam() == PlayerTransport::Udp ? 100'000 : 3000;
    ReportingPlayer player(proxy_->url(), GetParam());
    ASSERT_TRUE(player.play());
    const long before = resident_kilobytes();
    for (std::uint32_t i = 0; i < flood; ++i) {
        ASSERT_TRUE(player.send_rtcp(receiver_report(i)));
        if (i % 100 == 0)
            player.look();
    }
    EXPECT_TRUE(eventually([&] { return counter("reports_excess") > 1000; })) << counters().dump();
    EXPECT_GT(counter("reports"), 0);
    expect_growth_below(10 * 1024, before);
    expect_unnoticed();
}

INSTANTIATE_TEST_SUITE_P(Hostile, ReportsOver,
                         testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_F(Reports, OverATunnelAreTakenToo) {
    ReportingPlayer player(proxy_->url(), PlayerTransport::Http);
    ASSERT_TRUE(player.play());
    ASSERT_TRUE(player.send_rtcp(receiver_report(player.announced_ssrc())));
    EXPECT_TRUE(eventually([&] { return counter("reports") == 1; })) << counters().dump();
    EXPECT_TRUE(eventually([&] { return player.look().packets > 0; }));
    expect_unnoticed();
}

TEST_F(Reports, FromElsewhereAreRefused) {
    const auto stranger = bind_udp("127.0.0.1", 0);
    ASSERT_TRUE(stranger);
    const auto ssrc = udp_bystander_->announced_ssrc();
    for (const auto& packet : {receiver_report(ssrc), sender_report(ssrc), goodbye(ssrc)})
        ASSERT_TRUE(send_datagram(*stranger, udp_bystander_->server_rtcp_port(), packet));
    EXPECT_TRUE(eventually([&] { return counter("reports_foreign") == 3; })) << counters().dump();
    EXPECT_EQ(counter("reports"), 0);
    expect_unnoticed();
}

TEST_F(Reports, ThatAreNoneAreRefused) {
    ASSERT_TRUE(bystander_->send_rtcp({}));
    ASSERT_TRUE(bystander_->send_rtcp(Bytes(60'000, 0x80)));
    ASSERT_TRUE(udp_bystander_->send_rtcp({0x81, 201, 0, 1, 0, 0, 0, 1}));
    EXPECT_TRUE(eventually([&] { return counter("reports_malformed") >= 2; })) << counters().dump();
    EXPECT_EQ(counter("reports"), 0);
    expect_unnoticed();
}

// Players send no media. gst-rtsp-server would keep every packet for ever: three megabytes here.
TEST_F(Reports, AndMediaOfAPlayerCostNothing) {
    ReportingPlayer player(proxy_->url());
    ASSERT_TRUE(player.play());
    const long before = resident_kilobytes();
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(player.send_rtp(Bytes(60'000, 0x80)));
        player.look();
    }
    ASSERT_TRUE(player.send_rtcp(receiver_report(1)));
    EXPECT_TRUE(eventually([&] { return counter("reports") == 1; }, 30s))
        << "all is read until there";
    expect_growth_below(2 * 1024, before);
    ASSERT_TRUE(udp_bystander_->send_rtp(Bytes(1000, 0x80)));
    expect_unnoticed();
}

class ReportsForMoreThanAMinute : public Reports {
  protected:
    ReportsForMoreThanAMinute() : Reports(115s) {}
};

// Nothing but its reports shows that a player over UDP is still there. The proxy's sessions expire
// after a minute.
TEST_F(ReportsForMoreThanAMinute, KeepASessionOverUdpAliveAndSilenceEndsIt) {
    ReportingPlayer silent(proxy_->url(), PlayerTransport::Udp);
    ASSERT_TRUE(silent.play());
    EXPECT_TRUE(eventually([&] { return counter("clients") == 3; }));
    const auto ssrc = udp_bystander_->announced_ssrc();
    const auto only_the_silent_is_gone = [&] {
        std::this_thread::sleep_for(1s);
        EXPECT_TRUE(udp_bystander_->send_rtcp(receiver_report(~ssrc)));
        bystander_->look();
        udp_bystander_->look();
        return counter("clients") == 2;
    };
    EXPECT_TRUE(eventually(only_the_silent_is_gone, 90s)) << counters().dump();
    EXPECT_TRUE(throughout(only_the_silent_is_gone, 5s)) << counters().dump();
    expect_unnoticed();
}

} // namespace
} // namespace rtspproxy::tests
