#include "tests/e2e/outages/swarm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace rtspproxy::tests {
namespace {

// RTP timestamps, and what sender reports say of them, follow the wall clock through an outage.
constexpr double kClockTolerance = 500; // ms

std::vector<std::string> command_line(const std::string& url, int clients,
                                      const std::vector<std::string>& options) {
    std::vector<std::string> arguments{RTSPPROXY_BENCH_SWARM,   "--url",     url, "--clients",
                                       std::to_string(clients), "--seconds", "0", "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    if (std::find(options.begin(), options.end(), "--transport") == options.end())
        arguments.insert(arguments.end(), {"--transport", "mixed"});
    return arguments;
}

} // namespace

Swarm::Swarm(const std::string& url, std::vector<std::string> options, int clients)
    : clients_(clients), tool_(command_line(url, clients, options)) {}

void Swarm::tell(const std::string& command) {
    EXPECT_EQ(tool_.ask(command), "ok") << command;
}

bool Swarm::wait_fed(Clock::duration patience) {
    return eventually(
        [this] {
            const auto now = stats();
            return now.at("playing") == clients_ && now.at("fed") == clients_;
        },
        patience);
}

bool Swarm::wait_fed_again(Clock::duration patience) {
    constexpr int kFrames = 5;
    const auto enough = stats().at("frames").get<int>() + kFrames * clients_;
    std::this_thread::sleep_for(1100ms); // longer than "fed" looks back
    // Sound may be back sooner than pictures, which wait for a key frame.
    return wait_fed(patience) &&
           eventually([&] { return stats().at("frames") >= enough; }, patience);
}

bool Swarm::wait_key_frames() {
    return eventually([this] { return stats().at("first_key_frame_ms").at("count") == clients_; });
}

void Swarm::expect_unharmed(std::uint64_t gaps) {
    const auto seen = stats();
    SCOPED_TRACE(seen.dump());
    EXPECT_EQ(seen.at("playing"), clients_);
    EXPECT_EQ(seen.at("disconnects"), 0);
    EXPECT_TRUE(seen.at("failed").empty());
    EXPECT_TRUE(seen.at("ended").empty());
    EXPECT_LE(seen.at("gaps").get<std::uint64_t>(), gaps);
    for (const char* flaw : {"duplicates", "reordered", "ssrc_changes", "timestamps_back",
                             "malformed", "resumes_not_key", "byes"})
        EXPECT_EQ(seen.at(flaw), 0) << flaw;
    EXPECT_LT(seen.at("clock_deviation_ms").get<double>(), kClockTolerance);
}

void Swarm::expect_true_reports() {
    tell("reset");
    ASSERT_TRUE(eventually([this] { return stats().contains("report_offset_ms"); }))
        << stats().dump();
    const auto offset = stats().at("report_offset_ms");
    EXPECT_GT(offset.at("min").get<double>(), -kClockTolerance);
    EXPECT_LT(offset.at("max").get<double>(), kClockTolerance);
}

} // namespace rtspproxy::tests
