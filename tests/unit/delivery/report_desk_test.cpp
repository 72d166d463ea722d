#include "app/delivery/report_desk.hpp"

#include "plugins/rtp/packet.hpp"

#include <gtest/gtest.h>

#include <array>

namespace rtspproxy::delivery::tests {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint32_t kStream = 0x11223344;

using Bytes = std::vector<std::uint8_t>;

Bytes words(std::initializer_list<std::uint32_t> values) {
    Bytes bytes(4 * values.size());
    std::size_t at = 0;
    for (const std::uint32_t value : values) {
        rtp::write_u32(bytes, at, value);
        at += 4;
    }
    return bytes;
}
Bytes report(std::uint32_t jitter) {
    return words({0x81c90007, 0xcafe, kStream, 0x19000007, 1000, jitter, 5, 6});
}
const Bytes kEmptyReport = words({0x80c90001, 0xcafe});
const Bytes kMalformed = words({0x81c90001, 0xcafe});

ReportDesk::Source udp(const char* host, int port) {
    return *fanout::SocketAddress::resolve(host, port);
}

struct Alive {
    unsigned count = 0;
    std::shared_ptr<Reporter> reporter = std::make_shared<Reporter>(kStream, [this] { ++count; });
};

std::array<std::uint64_t, 4> counts(const ReportDesk& desk) {
    const auto& counters = desk.counters();
    return {counters.taken, counters.foreign, counters.malformed, counters.excess};
}
using Counts = std::array<std::uint64_t, 4>;

TEST(ReporterTest, KeepsWhatItSaidLast) {
    Alive player;
    EXPECT_FALSE(player.reporter->latest());
    EXPECT_EQ(player.reporter->take(report(1), kSecond), Reporter::Verdict::Taken);
    EXPECT_EQ(player.reporter->take(report(2), 2 * kSecond), Reporter::Verdict::Taken);
    EXPECT_EQ(player.reporter->take(kEmptyReport, 3 * kSecond), Reporter::Verdict::Taken);
    EXPECT_EQ(player.reporter->take(kMalformed, 4 * kSecond), Reporter::Verdict::Malformed);
    const auto latest = player.reporter->latest();
    ASSERT_TRUE(latest);
    EXPECT_EQ(latest->report.reporter, 0xcafeU);
    EXPECT_EQ(latest->report.block->jitter, 2U);
    EXPECT_EQ(latest->report.block->fraction_lost, 0x19);
    EXPECT_EQ(latest->arrival, 2 * kSecond);
}

TEST(ReporterTest, IsAliveOnceASecondIfWhatItSaysIsValid) {
    Alive player;
    player.reporter->take(kMalformed, 0);
    EXPECT_EQ(player.count, 0U);
    for (std::uint64_t now = 0; now <= 2 * kSecond; now += kSecond / 4)
        player.reporter->take(kEmptyReport, now);
    EXPECT_EQ(player.count, 3U);
}

TEST(ReporterTest, IsHeardTenTimesASecond) {
    Alive player;
    const auto taken_of_many = [&](std::uint64_t now) {
        int taken = 0;
        for (int i = 0; i < 100; ++i)
            taken += player.reporter->take(kEmptyReport, now) == Reporter::Verdict::Taken ? 1 : 0;
        return taken;
    };
    EXPECT_EQ(taken_of_many(5 * kSecond), 10);
    EXPECT_EQ(taken_of_many(6 * kSecond - 1), 0);
    EXPECT_EQ(player.reporter->take(kMalformed, 6 * kSecond - 1), Reporter::Verdict::Excess);
    EXPECT_EQ(taken_of_many(6 * kSecond), 10);
}

TEST(ReportDeskTest, GivesEachReportToWhomItIsOf) {
    const auto desk = std::make_shared<ReportDesk>();
    Alive one, two, connected;
    const ReportDesk::Place first(desk, {udp("192.0.2.1", 5000), udp("192.0.2.1", 5001)},
                                  one.reporter);
    const ReportDesk::Place second(desk, {udp("192.0.2.2", 5000), udp("192.0.2.2", 5001)},
                                   two.reporter);
    const ReportDesk::Place third(desk, {std::uintptr_t{7}}, connected.reporter);
    desk->take(udp("192.0.2.1", 5001), report(1), 0);
    desk->take(udp("192.0.2.2", 5000), report(2), 0);
    desk->take(std::uintptr_t{7}, report(3), 0);
    EXPECT_EQ(one.reporter->latest()->report.block->jitter, 1U);
    EXPECT_EQ(two.reporter->latest()->report.block->jitter, 2U);
    EXPECT_EQ(connected.reporter->latest()->report.block->jitter, 3U);
    EXPECT_EQ(counts(*desk), (Counts{3, 0, 0, 0}));
}

TEST(ReportDeskTest, RefusesWhatIsFromElsewhere) {
    const auto desk = std::make_shared<ReportDesk>();
    Alive player;
    const ReportDesk::Place place(desk, {udp("192.0.2.1", 5001)}, player.reporter);
    desk->take(udp("192.0.2.1", 5002), report(1), 0);
    desk->take(udp("192.0.2.9", 5001), report(1), 0);
    desk->take(udp("2001:db8::1", 5001), report(1), 0);
    desk->take(std::uintptr_t{7}, report(1), 0);
    EXPECT_FALSE(player.reporter->latest());
    EXPECT_EQ(player.count, 0U);
    EXPECT_EQ(counts(*desk), (Counts{0, 4, 0, 0}));
}

TEST(ReportDeskTest, CountsWhatIsWrong) {
    const auto desk = std::make_shared<ReportDesk>();
    Alive player;
    const ReportDesk::Place place(desk, {udp("192.0.2.1", 5001)}, player.reporter);
    for (int i = 0; i < 12; ++i)
        desk->take(udp("192.0.2.1", 5001), kMalformed, 0);
    EXPECT_EQ(counts(*desk), (Counts{0, 0, 10, 2}));
}

TEST(ReportDeskTest, PlacesEnd) {
    const auto desk = std::make_shared<ReportDesk>();
    Alive earlier, later;
    const ReportDesk::Place place(desk, {udp("192.0.2.1", 5001)}, earlier.reporter);
    {
        const ReportDesk::Place other(desk, {udp("192.0.2.1", 5001)}, later.reporter);
        desk->take(udp("192.0.2.1", 5001), report(1), 0);
    }
    EXPECT_TRUE(later.reporter->latest());
    EXPECT_FALSE(earlier.reporter->latest());
    desk->take(udp("192.0.2.1", 5001), report(1), 0);
    EXPECT_TRUE(earlier.reporter->latest());
}

} // namespace
} // namespace rtspproxy::delivery::tests
