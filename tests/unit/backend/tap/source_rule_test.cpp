#include "app/backend/tap/source_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtspproxy::backend::tests {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kMs = 1'000'000;

// Packets are named by their source and a number.
class SourceRuleTest : public ::testing::Test {
  protected:
    void send(char source, std::uint64_t milliseconds, std::size_t bytes = 100) {
        const std::uint64_t now = 1000 * kMs + milliseconds * kMs;
        const std::string name = source + std::to_string(++sent_[static_cast<unsigned>(source)]);
        const auto ssrc = static_cast<std::uint32_t>(source);
        if (rule_.admits(ssrc, now))
            out_.push_back(name);
        else
            rule_.keep(ssrc, bytes, now, std::string(name),
                       [this](std::string&& kept) { out_.push_back(std::move(kept)); });
    }
    // So that its usual pause is known.
    void settle(char source, std::uint64_t pause, std::uint64_t until) {
        for (std::uint64_t at = until - 100 * pause; at <= until; at += pause)
            send(source, at);
        out_.clear();
        sent_.assign(256, 0);
    }

    SourceRule<std::string> rule_;
    std::vector<unsigned> sent_ = std::vector<unsigned>(256);
    std::vector<std::string> out_;
};

TEST_F(SourceRuleTest, TheFirstHasTheTrack) {
    send('A', 0);
    send('A', 20);
    send('A', 5000);
    EXPECT_THAT(out_, ElementsAre("A1", "A2", "A3"));
    EXPECT_EQ(rule_.takeovers(), 0U);
}

TEST_F(SourceRuleTest, StraysBetweenItsPacketsAreDropped) {
    settle('A', 20, 10'000);
    for (unsigned i = 1; i <= 4; ++i) {
        send('A', 10'000 + 20 * i);
        send('B', 10'000 + 20 * i);
    }
    send('A', 10'100);
    EXPECT_THAT(out_, ElementsAre("A1", "A2", "A3", "A4", "A5"));
    EXPECT_EQ(rule_.dropped(), 4U);
    EXPECT_EQ(rule_.takeovers(), 0U);
}

TEST_F(SourceRuleTest, SoIsABurstOfThemBetweenTwoPictures) {
    settle('A', 40, 10'000);
    for (unsigned i = 0; i < 30; ++i)
        send('B', 10'005 + i);
    send('A', 10'040);
    EXPECT_THAT(out_, ElementsAre("A1"));
    EXPECT_EQ(rule_.dropped(), 30U);
}

TEST_F(SourceRuleTest, AnotherTakesOverWhenItHasBeenSilent) {
    settle('A', 40, 10'000);
    send('B', 10'040);
    EXPECT_TRUE(out_.empty());
    send('B', 10'041);
    send('B', 10'080);
    EXPECT_THAT(out_, ElementsAre("B1", "B2", "B3"));
    EXPECT_EQ(rule_.takeovers(), 1U);
    EXPECT_EQ(rule_.dropped(), 0U);
    send('A', 10'081); // a straggler
    send('B', 10'120);
    EXPECT_THAT(out_, ElementsAre("B1", "B2", "B3", "B4"));
    EXPECT_EQ(rule_.dropped(), 1U);
}

TEST_F(SourceRuleTest, AfterALongSilenceAtOnce) {
    settle('A', 40, 10'000);
    send('B', 13'000);
    EXPECT_THAT(out_, ElementsAre("B1"));
    send('A', 13'001); // back; B may have been a stray
    send('A', 13'041);
    send('A', 13'100);
    EXPECT_THAT(out_, ElementsAre("B1", "A1", "A2", "A3"));
    EXPECT_EQ(rule_.dropped(), 0U);
}

TEST_F(SourceRuleTest, ASourceThatBurstsIsWaitedForLongerButNotForEver) {
    settle('A', 600, 100'000);
    send('B', 100'500);
    send('B', 100'900);
    EXPECT_TRUE(out_.empty());
    send('B', 101'001); // kMostPatience
    EXPECT_THAT(out_, ElementsAre("B1", "B2", "B3"));
}

// Each for a shorter time than it takes to be believed in: all are late, nothing is lost, in order.
TEST_F(SourceRuleTest, NothingIsLostOfACameraThatChangesAllTheTime) {
    settle('A', 40, 10'000);
    std::vector<std::string> expected;
    std::uint64_t now = 10'000;
    for (char source = 'B'; source <= 'Z'; ++source)
        for (unsigned i = 1; i <= 2; ++i) {
            send(source, now += 10);
            expected.push_back(source + std::to_string(i));
        }
    send('a', now += 100);
    EXPECT_EQ(rule_.dropped(), 0U);
    out_.resize(expected.size());
    EXPECT_EQ(out_, expected);
}

TEST_F(SourceRuleTest, OfTwoThatWaitTheOneThatTookOverKeepsTheTrack) {
    settle('A', 40, 10'000);
    send('B', 10'010);
    send('C', 10'020);
    send('B', 10'030);
    send('B', 10'085);
    EXPECT_THAT(out_, ElementsAre("B1", "B2", "B3"));
    EXPECT_EQ(rule_.dropped(), 1U);
    EXPECT_EQ(rule_.takeovers(), 1U);
}

TEST_F(SourceRuleTest, WhatWaitsIsBounded) {
    using Rule = SourceRule<std::string>;
    settle('A', 600, 100'000);
    for (unsigned i = 0; i < 3 * Rule::kMostWaiting; ++i)
        send('B', 100'001, 10);
    EXPECT_EQ(rule_.dropped(), 2 * Rule::kMostWaiting);
    for (unsigned i = 0; i < 100; ++i)
        send('B', 100'001, Rule::kMostBytes / 10);
    EXPECT_GE(rule_.dropped(), 3 * Rule::kMostWaiting + 90);
    send('B', 105'000, 10);
    EXPECT_LE(out_.size(), 11U);
    EXPECT_FALSE(out_.empty());
}

} // namespace
} // namespace rtspproxy::backend::tests
