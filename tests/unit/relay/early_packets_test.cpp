#include "plugins/relay/early_packets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace rtspproxy::relay::tests {
namespace {

using ::testing::ElementsAre;
using Packets = EarlyPackets<int>;

constexpr std::uint64_t kMs = 1'000'000;

class EarlyPacketsTest : public ::testing::Test {
  protected:
    void add(Packets::Description what) {
        what.bytes = what.bytes != 0 ? what.bytes : 100;
        dropped_ += packets_.add(int{++count_}, what, now_);
        now_ += 40 * kMs;
    }
    void picture(std::uint32_t timestamp) { add({.timestamp = timestamp}); }
    void key(std::uint32_t timestamp) { add({.timestamp = timestamp, .key_frame = true}); }
    std::vector<int> take() {
        std::vector<int> taken;
        dropped_ += packets_.take(now_, [&](int packet) { taken.push_back(packet); });
        EXPECT_TRUE(packets_.empty());
        return taken;
    }

    Packets packets_;
    int count_ = 0;
    std::size_t dropped_ = 0;
    std::uint64_t now_ = 5000 * kMs;
};

TEST_F(EarlyPacketsTest, KeepsVideoFromTheLastKeyFrameOn) {
    packets_.begin(true);
    picture(1);
    key(2);
    key(2); // another packet of it
    picture(3);
    key(4);
    picture(5);
    EXPECT_EQ(dropped_, 4U);
    EXPECT_THAT(take(), ElementsAre(5, 6));
    EXPECT_TRUE(take().empty());
}

TEST_F(EarlyPacketsTest, KeepsWhatHasNotHadAKeyFrame) {
    packets_.begin(true);
    picture(1);
    picture(2);
    EXPECT_THAT(take(), ElementsAre(1, 2));
}

TEST_F(EarlyPacketsTest, KeepsParameterSetsThatPrecedeTheKeyFrame) {
    packets_.begin(true);
    key(1);
    picture(2);
    add({.timestamp = 2, .key_frame = true, .picture = false});
    add({.timestamp = 2, .picture = false});
    key(3);
    EXPECT_THAT(take(), ElementsAre(3, 4, 5));
    EXPECT_EQ(dropped_, 2U);
}

TEST_F(EarlyPacketsTest, KeepsTheNewestSecondOfAnythingElse) {
    packets_.begin(false);
    for (std::uint32_t i = 0; i < 100; ++i)
        key(i);
    const auto taken = take();
    EXPECT_EQ(taken.size(), 26U);
    EXPECT_EQ(taken.back(), 100);
    EXPECT_EQ(dropped_, 74U);
}

TEST_F(EarlyPacketsTest, IsBounded) {
    packets_.begin(false);
    for (std::uint32_t i = 0; i < 4; ++i)
        add({.bytes = Packets::kMostBytes / 2, .timestamp = i});
    EXPECT_THAT(take(), ElementsAre(3, 4));
    packets_.begin(true);
    key(10);
    for (std::uint32_t i = 11; i < 14; ++i)
        add({.packets = 5, .bytes = Packets::kMostBytes / 2, .timestamp = i});
    EXPECT_LE(take().size(), 1U);
}

TEST_F(EarlyPacketsTest, WhatIsOldIsNotShown) {
    packets_.begin(true);
    key(1);
    now_ += Packets::kStale;
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(dropped_, 1U);
}

TEST_F(EarlyPacketsTest, NothingIsKeptOfAnotherSource) {
    packets_.begin(true);
    key(1);
    EXPECT_EQ(packets_.begin(true), 1U);
    EXPECT_TRUE(packets_.empty());
}

} // namespace
} // namespace rtspproxy::relay::tests
