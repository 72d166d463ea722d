#include "app/backend/statistics.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rtspproxy::backend::tests {
namespace {

TEST(TrafficOutTest, AddsWhatIsNew) {
    TrafficOut total{1, 10, 100, 1000};
    total.add_since({7, 70, 5, 2}, {3, 30, 4, 1});
    EXPECT_EQ(total.packets, 5U);
    EXPECT_EQ(total.bytes, 50U);
    EXPECT_EQ(total.discarded, 101U);
    EXPECT_EQ(total.kicked, 1001U);
}

TEST(ReportsInTest, AddWhatIsNew) {
    ReportsIn total{1, 10, 100, 1000};
    total.add_since({7, 70, 5, 2}, {3, 30, 4, 1});
    EXPECT_EQ(total.taken, 5U);
    EXPECT_EQ(total.foreign, 50U);
    EXPECT_EQ(total.malformed, 101U);
    EXPECT_EQ(total.excess, 1001U);
}

TEST(StatisticsTest, SayWhatWasReported) {
    Statistics statistics;
    statistics.reports = {1, 2, 3, 4};
    const auto json = nlohmann::json::parse(to_json(statistics));
    EXPECT_EQ(json["reports"], 1);
    EXPECT_EQ(json["reports_foreign"], 2);
    EXPECT_EQ(json["reports_malformed"], 3);
    EXPECT_EQ(json["reports_excess"], 4);
}

TEST(StatisticsTest, SayWhatABackEndSendsAmiss) {
    Statistics statistics;
    statistics.in.stray_bytes = 8;
    statistics.in.mended_answers = 3;
    TrafficIn more;
    more.stray_bytes = 1;
    more.mended_answers = 2;
    statistics.in += more;
    const auto json = nlohmann::json::parse(to_json(statistics));
    EXPECT_EQ(json["stray_bytes_in"], 9);
    EXPECT_EQ(json["answers_mended"], 5);
}

TEST(StatisticsTest, SayWhatWasSent) {
    Statistics statistics;
    statistics.mount = "/yard";
    statistics.out = {1, 2, 3, 4};
    statistics.attempts = 5;
    statistics.probes = 6;
    const auto json = nlohmann::json::parse(to_json(statistics));
    EXPECT_EQ(json["mount"], "/yard");
    EXPECT_EQ(json["packets_out"], 1);
    EXPECT_EQ(json["bytes_out"], 2);
    EXPECT_EQ(json["discarded_out"], 3);
    EXPECT_EQ(json["kicked"], 4);
    EXPECT_EQ(json["attempts"], 5);
    EXPECT_EQ(json["probes"], 6);
}

TEST(StatisticsTest, HoldNothingThatATerminalObeys) {
    Statistics statistics;
    statistics.reason = "\x1b[2J\xc2\x9b"
                        "2J";
    statistics.url = "rtsp://camera/\xc2\x9b"
                     "31m\xff";
    const std::string text = to_json(statistics);
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["reason"], "\\x1b[2J\\xc2\\x9b2J");
    EXPECT_EQ(json["url"], "rtsp://camera/\\xc2\\x9b31m\\xff");
}

TEST(StatisticsTest, SayWhatEachTrackDoes) {
    Statistics statistics;
    statistics.in.refused = 9;
    statistics.tracks = {{"video H264/90000", 10, Time(40), false, 0, 2, 3},
                         {"audio PCMU/8000", 0, std::nullopt, true, 1, 0, 0}};
    const auto json = nlohmann::json::parse(to_json(statistics));
    EXPECT_EQ(json["refused_in"], 9);
    const auto& tracks = json["tracks"];
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_EQ(tracks[0]["media"], "video H264/90000");
    EXPECT_EQ(tracks[0]["packets"], 10);
    EXPECT_DOUBLE_EQ(tracks[0]["silent_seconds"].get<double>(), 0.04);
    EXPECT_EQ(tracks[0]["source_changes"], 2);
    EXPECT_EQ(tracks[0]["foreign_dropped"], 3);
    EXPECT_TRUE(tracks[1]["silent_seconds"].is_null());
    EXPECT_EQ(tracks[1]["silent"], true);
    EXPECT_EQ(tracks[1]["silences"], 1);
}

} // namespace
} // namespace rtspproxy::backend::tests
