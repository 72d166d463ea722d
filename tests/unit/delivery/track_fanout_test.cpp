#include "app/delivery/track_fanout.hpp"

#include "tests/unit/delivery/units.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>

namespace rtspproxy::delivery::tests {
namespace {

// Takes what comes, from begin() on; before it collects, as real ones do.
class Collector : public Receiver {
  public:
    Outcome deliver(const AccessUnitPtr& unit) override {
        const std::lock_guard lock(mutex_);
        (begun_ ? got_ : pending_).push_back(unit->first_sequence());
        return begun_ ? Outcome::of(*unit) : Outcome{};
    }
    void deliver_rtcp(const RtcpPtr& packet) override { rtcp_ = packet; }
    Outcome begin(std::vector<AccessUnitPtr> burst) override {
        const std::lock_guard lock(mutex_);
        begun_ = true;
        for (const auto& unit : burst)
            got_.push_back(unit->first_sequence());
        got_.insert(got_.end(), pending_.begin(), pending_.end());
        return {got_.size(), 22 * got_.size(), 0, 0}; // of one packet of 22 bytes each
    }
    Outcome end() override {
        const bool first = !std::exchange(ended_, true);
        return {0, 0, 0, first && kicked_ ? 1U : 0U};
    }
    void kick() { kicked_ = true; }

    [[nodiscard]] std::vector<std::uint16_t> got() {
        const std::lock_guard lock(mutex_);
        return got_;
    }
    [[nodiscard]] const RtcpPtr& rtcp() const { return rtcp_; }
    [[nodiscard]] bool ended() const { return ended_; }

  private:
    std::mutex mutex_;
    bool begun_ = false;
    bool ended_ = false;
    bool kicked_ = false;
    std::vector<std::uint16_t> got_, pending_;
    RtcpPtr rtcp_;
};
using Sequences = std::vector<std::uint16_t>;

constexpr TrackFanout::Format kVideo{true, rtp::Codec::H264, 90000, 0};

class TrackFanoutTest : public testing::Test {
  protected:
    // One access unit, 40 ms after the last.
    bool publish(bool key = false) {
        now_ += 40 * kMs;
        return fanout_.publish(unit(sequence_++, timestamp_ += 3600), key, now_);
    }
    TrackFanout::Joined join(const ReceiverPtr& receiver) {
        return fanout_.join(receiver, fanout_.start(now_), now_);
    }

    TrackFanout fanout_{kVideo, {.cache_bytes = 1 << 20}};
    std::shared_ptr<Collector> client_ = std::make_shared<Collector>();
    std::uint16_t sequence_ = 65530;
    std::uint32_t timestamp_ = 0;
    std::uint64_t now_ = 0;
};

TEST_F(TrackFanoutTest, WhatClientsOverUdpBeginWithIsCounted) {
    publish(true);
    publish();
    const auto joined = fanout_.join_udp(fanout_.start(now_), now_);
    ASSERT_EQ(joined.burst.size(), 2U);
    EXPECT_EQ(fanout_.counters().packets, 2U);
    EXPECT_EQ(fanout_.counters().bytes, 2U * joined.burst.front()->packet_bytes());
    publish();
    EXPECT_EQ(fanout_.counters().packets, 3U);
}

TEST_F(TrackFanoutTest, AClientThatJoinsBeginsWithTheLastKeyFrame) {
    publish(true);
    publish();
    publish(true);
    publish();
    auto joined = join(client_);
    publish(); // while the response is under way
    fanout_.begin(*client_, joined.burst);
    publish();
    EXPECT_EQ(client_->got(), (Sequences{65532, 65533, 65534, 65535}));
    EXPECT_EQ(joined.position->next_sequence, 65534);
}

TEST_F(TrackFanoutTest, WithoutAStartItBeginsWithWhatComes) {
    publish(true);
    const auto joined = fanout_.join(client_, std::nullopt, now_);
    EXPECT_TRUE(joined.burst.empty());
    EXPECT_EQ(joined.position->next_sequence, 65531);
    EXPECT_EQ(joined.position->timestamp, 3600U);
    fanout_.begin(*client_, {});
    publish();
    EXPECT_EQ(client_->got(), Sequences{65531});
}

TEST_F(TrackFanoutTest, PicturesOfABackEndThatLeftAreNotShown) {
    publish(true);
    fanout_.forget_pictures();
    EXPECT_TRUE(join(client_).burst.empty());
}

TEST_F(TrackFanoutTest, BeforeTheFirstPacketThereIsNoPosition) {
    EXPECT_EQ(join(client_).position, std::nullopt);
}

TEST_F(TrackFanoutTest, ASliceOfAKeyFrameStartsNothing) {
    publish(true);
    now_ += kMs; // the rest of it, with the start of another slice of the picture
    fanout_.publish(unit(sequence_++, timestamp_), true, now_);
    const auto joined = join(client_);
    EXPECT_EQ(joined.burst.size(), 2U);
}

TEST_F(TrackFanoutTest, WhoLeftGetsNothingMore) {
    join(client_);
    fanout_.begin(*client_, {});
    publish(true);
    fanout_.leave(client_);
    EXPECT_TRUE(client_->ended());
    publish();
    EXPECT_EQ(client_->got(), Sequences{65530});
    fanout_.leave(client_); // twice does no harm
}

TEST_F(TrackFanoutTest, CountsWhoWasDisconnected) {
    join(client_);
    client_->kick();
    fanout_.leave(client_);
    fanout_.leave(client_);
    EXPECT_EQ(fanout_.counters().kicked, 1U);
}

TEST_F(TrackFanoutTest, TellsWhetherSomebodyTakesUdp) {
    EXPECT_FALSE(publish(true));
    (void)fanout_.join_udp(std::nullopt, now_);
    EXPECT_TRUE(publish());
    EXPECT_TRUE(fanout_.publish_rtcp(std::make_shared<std::vector<std::uint8_t>>(8)));
    fanout_.leave_udp();
    EXPECT_FALSE(publish());
}

TEST_F(TrackFanoutTest, CountsWhatClientsGet) {
    publish(true);
    const auto joined = join(client_);
    fanout_.begin(*client_, joined.burst);
    (void)fanout_.join_udp(std::nullopt, now_);
    (void)fanout_.join_udp(std::nullopt, now_);
    publish();
    EXPECT_EQ(fanout_.counters().packets, 1U + 3);
    EXPECT_EQ(fanout_.counters().bytes, 22U * 4);
    // The stream itself is two packets of ten bytes of payload, whoever gets them.
    EXPECT_EQ(fanout_.sent().packets, 2U);
    EXPECT_EQ(fanout_.sent().octets, 20U);
}

TEST_F(TrackFanoutTest, WithoutACacheThereIsNoBurst) {
    TrackFanout plain(kVideo, {});
    plain.publish(unit(7, 0), true, kMs);
    const auto joined = plain.join(client_, plain.start(kMs), kMs);
    EXPECT_TRUE(joined.burst.empty());
    EXPECT_EQ(joined.position->next_sequence, 8);
}

TEST_F(TrackFanoutTest, SoundOfAnUnknownFormatGoesWithThePictures) {
    TrackFanout sound({false, rtp::Codec::Unknown, 8000, 2}, {.cache_bytes = 1 << 20});
    for (std::uint16_t i = 0; i < 10; ++i)
        sound.publish(unit(i, 160U * i), false, kMs * 20 * i);
    EXPECT_EQ(sound.start(200 * kMs), std::nullopt);
    EXPECT_EQ(sound.join(client_, 100 * kMs, 200 * kMs).burst.size(), 5U);
    EXPECT_FALSE(sound.has_key_frames());
}

TEST_F(TrackFanoutTest, RtcpReachesEveryClient) {
    const auto other = std::make_shared<Collector>();
    join(client_);
    join(other);
    const RtcpPtr packet = std::make_shared<std::vector<std::uint8_t>>(12);
    fanout_.publish_rtcp(packet);
    EXPECT_EQ(client_->rtcp(), packet);
    EXPECT_EQ(other->rtcp(), packet);
}

// Joining is neither early nor late, whatever the streaming thread does meanwhile.
TEST_F(TrackFanoutTest, JoiningWhileItFlowsMakesNoGapAndNoDuplicate) {
    const std::jthread streaming([this](const std::stop_token& stop) {
        for (unsigned i = 0; !stop.stop_requested(); ++i)
            publish(i % 7 == 0);
    });
    constexpr int kRounds = 200;
    int with_burst = 0;
    for (int round = 0; round < kRounds && !HasFailure(); ++round) {
        const auto client = std::make_shared<Collector>();
        // As in a session: where it starts is asked before, and may have changed since.
        auto joined = fanout_.join(client, 0, 0);
        with_burst += joined.burst.empty() ? 0 : 1;
        std::this_thread::yield();
        fanout_.begin(*client, std::move(joined.burst));
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (client->got().size() < 20 && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
        fanout_.leave(client);
        const auto got = client->got();
        EXPECT_GE(got.size(), 20U) << round;
        for (std::size_t i = 1; i < got.size(); ++i)
            EXPECT_EQ(got[i], static_cast<std::uint16_t>(got[i - 1] + 1)) << round;
    }
    EXPECT_GT(with_burst, kRounds / 2); // all but those that came before the first key frame
}

} // namespace
} // namespace rtspproxy::delivery::tests
