// A tap between a back end's end of a connection and somebody who reads as rtspsrc does.
#include "tests/unit/backend/tap/tap_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace rtspproxy::backend::tests {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST_F(TapTest, PassesEverythingOnIfNobodyClaimsIt) {
    const Bytes bytes = kResponse + frame(0, rtp_packet({.sequence = 1})) + Bytes(100, 0x16);
    send(bytes);
    EXPECT_EQ(read_all(7), bytes);
}

TEST_F(TapTest, CannotBeClaimedOnceItWasReadFrom) {
    send(Bytes{0x16, 0x03});
    read_all();
    claim();
    const Bytes bytes = frame(0, Bytes(3)) + Bytes(InterleavedSplitter::kMaxHead * 2, 0x16);
    send(bytes);
    EXPECT_EQ(read_all(), bytes); // would be no RTSP
}

TEST_F(TapTest, PassesTracksOnWhoseWayIsNotKnownYet) {
    claim();
    Bytes bytes = kResponse;
    for (std::uint16_t i = 0; i < 50; ++i)
        bytes = bytes + frame(0, rtp_packet({.sequence = i}));
    send(bytes);
    EXPECT_EQ(read_all(), bytes);
}

TEST_F(TapTest, HandsTheTrackOverWithoutGapOrDuplicate) {
    claim();
    // Three that are on their way to rtspsrc when it takes the first.
    Bytes bytes;
    for (std::uint16_t i = 0; i < 3; ++i)
        bytes = bytes + frame(0, rtp_packet({.sequence = i}));
    send(bytes);
    Bytes first(bytes.size() / 3);
    ASSERT_EQ(read(first), static_cast<gssize>(first.size()));
    attach(video_);
    send(frame(0, rtp_packet({.sequence = 3})) + kResponse);
    const Bytes rest = read_all();
    const Bytes through =
        frame(0, rtp_packet({.sequence = 1})) + frame(0, rtp_packet({.sequence = 2}));
    ASSERT_GE(rest.size(), through.size());
    EXPECT_EQ(Bytes(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(through.size())),
              through);
    EXPECT_THAT(video_.sequences, ElementsAre(3));
    EXPECT_EQ(video_.packets[0], rtp_packet({.sequence = 3}));
    EXPECT_TRUE(video_.writable);
}

TEST_F(TapTest, GivesRtspsrcTextRtcpAndSamplesOnly) {
    claim();
    establish(0, 0, video_);
    const Bytes report = frame(1, Bytes{0x80, 200, 0, 1, 0, 0, 0, 0});
    std::vector<unsigned> expected;
    Bytes bytes;
    for (std::uint16_t i = 1; i <= 1000; ++i) {
        bytes = bytes + frame(0, rtp_packet({.sequence = i}));
        if (i % 100 == 0)
            bytes = bytes + report + kResponse;
        expected.push_back(i);
    }
    send(bytes);
    const Bytes got = read_all();
    EXPECT_EQ(video_.sequences, expected);
    const std::size_t samples =
        (got.size() - 10 * (report.size() + kResponse.size())) / (4 + 12 + 20);
    EXPECT_GE(samples, 3U);
    EXPECT_LE(samples, 5U); // one more for the time since the last one
}

TEST_F(TapTest, TellsTracksApartByTheirChannels) {
    claim();
    establish(0, 10, video_);
    establish(2, 500, audio_); // of the same SSRC
    send(frame(0, rtp_packet({.sequence = 11})) + frame(2, rtp_packet({.sequence = 501})) +
         frame(0, rtp_packet({.sequence = 12})) + frame(4, rtp_packet({.sequence = 7})));
    const Bytes got = read_all();
    EXPECT_THAT(video_.sequences, ElementsAre(11, 12));
    EXPECT_EQ(video_.lists, 1U);
    EXPECT_THAT(audio_.sequences, ElementsAre(501));
    const Bytes unknown = frame(4, rtp_packet({.sequence = 7}));
    EXPECT_NE(std::ranges::search(got, unknown).begin(), got.end());
}

TEST_F(TapTest, AFrameMayComeInAnyParts) {
    claim();
    establish(0, 0, video_);
    Bytes bytes;
    for (std::uint16_t i = 1; i < 20; ++i)
        bytes = bytes + frame(0, rtp_packet({.sequence = i, .payload = std::size_t{i} * 37}));
    for (const std::uint8_t byte : bytes) {
        send({byte});
        read_all();
    }
    ASSERT_EQ(video_.packets.size(), 19U);
    for (std::uint16_t i = 1; i < 20; ++i)
        EXPECT_EQ(video_.packets[i - 1U],
                  rtp_packet({.sequence = i, .payload = std::size_t{i} * 37}));
}

// Longer than a chunk, and while earlier ones are held: nothing is overwritten.
TEST_F(TapTest, HeldPacketsStayAsTheyAre) {
    claim();
    establish(0, 0, video_);
    video_.keep = true;
    for (std::uint16_t i = 1; i <= 100; ++i) {
        const std::size_t size = i % 10 == 0 ? 65000 : 1400;
        send(frame(0, rtp_packet({.sequence = i, .payload = size})));
        read_all();
    }
    ASSERT_EQ(video_.kept.size(), 100U);
    for (std::uint16_t i = 1; i <= 100; ++i) {
        GstBuffer* buffer = video_.kept[i - 1U].get();
        const Bytes expected = frame(
            0, rtp_packet({.sequence = i, .payload = i % 10 == 0 ? std::size_t{65000} : 1400}));
        ASSERT_EQ(gst_buffer_memcmp(buffer, 0, expected.data(), expected.size()), 0) << i;
    }
}

TEST_F(TapTest, CountsGaps) {
    claim();
    establish(0, 100, video_);
    for (const std::uint16_t sequence :
         std::initializer_list<std::uint16_t>{101, 102, 105, 106, 110})
        send(frame(0, rtp_packet({.sequence = sequence})));
    read_all();
    EXPECT_EQ(ledger_->lost, 5U);
    EXPECT_THAT(video_.sequences, ElementsAre(101, 102, 105, 106, 110));
}

TEST_F(TapTest, NothingGoesDirectlyOnceTheBackEndIsNotWanted) {
    claim();
    establish(0, 0, video_);
    ledger_->open = false;
    send(frame(0, rtp_packet({.sequence = 1})));
    read_all();
    EXPECT_TRUE(video_.sequences.empty());
}

TEST_F(TapTest, TellsSamplesFromWhatHasNotFoundItsWay) {
    claim();
    Bytes got(4 + 12 + 20);
    send(frame(0, rtp_packet({.sequence = 0})));
    ASSERT_EQ(read(got), static_cast<gssize>(got.size()));
    EXPECT_TRUE(Feed::in_hand(ledger_).feed);
    EXPECT_FALSE(Feed::in_hand(ledger_).sample);
    attach(video_);
    for (std::uint16_t i = 1; i <= 256; ++i)
        send(frame(0, rtp_packet({.sequence = i})));
    ASSERT_EQ(read(got), static_cast<gssize>(got.size()));
    EXPECT_TRUE(Feed::in_hand(ledger_).feed);
    EXPECT_TRUE(Feed::in_hand(ledger_).sample);
    EXPECT_FALSE(Feed::in_hand(std::make_shared<Ledger>()).feed) << "of another back end's";
    send(kResponse);
    read_all();
    EXPECT_FALSE(Feed::in_hand(ledger_).feed);
}

TEST_F(TapTest, EveryPayloadTypeOfTheSourceGoesDirectly) {
    claim();
    establish(0, 0, video_);
    send(frame(0, rtp_packet({.sequence = 1})) +
         frame(0, rtp_packet({.sequence = 2, .payload_type = 50})) +
         frame(0, rtp_packet({.sequence = 3, .payload_type = 97})));
    read_all();
    EXPECT_THAT(video_.sequences, ElementsAre(1, 2, 3));
    EXPECT_EQ(video_.packets[1], rtp_packet({.sequence = 2, .payload_type = 50}));
    EXPECT_EQ(ledger_->dropped, 0U);
}

TEST_F(TapTest, StraysOfAnotherSourceReachNobody) {
    claim();
    establish(0, 0, video_);
    for (std::uint16_t i = 1; i <= 50; ++i)
        send(frame(0, rtp_packet({.sequence = i})) +
             frame(0, rtp_packet(
                          {.sequence = static_cast<std::uint16_t>(i * 100), .ssrc = 0x5000U + i})));
    send(frame(0, rtp_packet({.sequence = 51})));
    EXPECT_TRUE(read_all().empty());
    EXPECT_EQ(video_.sequences.size(), 51U);
    EXPECT_EQ(video_.sequences.back(), 51U);
    EXPECT_EQ(ledger_->dropped, 50U);
    EXPECT_EQ(ledger_->lost, 0U);
}

TEST_F(TapTest, AnotherSourceTakesOverASilentOnesTrack) {
    claim();
    establish(0, 0, video_);
    send(frame(0, rtp_packet({.sequence = 1})));
    read_all();
    Bytes waiting; // comes at once
    for (std::uint16_t i = 0; i < 3; ++i)
        waiting =
            waiting +
            frame(0, rtp_packet({.sequence = static_cast<std::uint16_t>(700 + i), .ssrc = 0x9999}));
    send(waiting);
    read_all();
    EXPECT_THAT(video_.sequences, ElementsAre(1));
    std::this_thread::sleep_for(1100ms);
    send(frame(0, rtp_packet({.sequence = 703, .ssrc = 0x9999})));
    const Bytes samples = read_all(); // one is due, after a second
    EXPECT_THAT(video_.sequences, ElementsAre(1, 700, 701, 702, 703));
    EXPECT_EQ(video_.packets[1], rtp_packet({.sequence = 700, .ssrc = 0x9999}));
    ASSERT_GE(samples.size(), 36U);
    EXPECT_EQ(Lane::Packet::read(std::span(samples).subspan(4)).ssrc, 0x1234U);
    EXPECT_EQ(ledger_->dropped, 0U);
    EXPECT_EQ(ledger_->lost, 0U);
}

TEST_F(TapTest, EndsWithTheConnection) {
    claim();
    send(kResponse);
    camera_ = FileDescriptor();
    EXPECT_EQ(read_all(), kResponse);
    Bytes out(10);
    EXPECT_EQ(read(out, true), 0);
    EXPECT_EQ(read(out, true), 0);
}

TEST_F(TapTest, SkipsAndCountsWhatBelongsToNothing) {
    claim();
    establish(0, 0, video_);
    const Bytes stray{0, 1, 2, 3, 4, 5, 6, 7};
    send(stray + frame(0, rtp_packet({.sequence = 1})) + stray + kResponse + stray);
    send(frame(0, rtp_packet({.sequence = 2})));
    const Bytes got = read_all(); // a sample is among it
    EXPECT_NE(std::ranges::search(got, kResponse).begin(), got.end());
    EXPECT_EQ(std::ranges::search(got, stray).begin(), got.end());
    EXPECT_THAT(video_.sequences, ElementsAre(1, 2));
    EXPECT_EQ(ledger_->stray_bytes, 3 * stray.size());
}

TEST_F(TapTest, NoRtspIsAnError) {
    claim();
    std::thread sender([this] { send(Bytes(InterleavedSplitter::kMaxStray + 10, 'x')); });
    Bytes out(10000);
    gssize got = 0;
    for (int i = 0; i < 1000 && (got = read(out, true)) > 0; ++i)
        continue;
    sender.join();
    EXPECT_EQ(got, -1);
    EXPECT_EQ(read(out), -1);
}

TEST_F(TapTest, KeepsTheSocketsTimeout) {
    claim();
    g_socket_set_timeout(socket_.get(), 1);
    Bytes out(10);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(read(out, true), -1);
    EXPECT_EQ(error_, G_IO_ERROR_TIMED_OUT);
    EXPECT_NEAR(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 1,
                0.5);
}

TEST_F(TapTest, CanBeCancelledWhileMediaFlows) {
    claim();
    establish(0, 0, video_);
    std::atomic<bool> stop{false};
    std::thread sender([&] {
        for (std::uint16_t i = 1; !stop; ++i) {
            send(frame(0, rtp_packet({.sequence = i})));
            std::this_thread::sleep_for(1ms);
        }
    });
    std::thread canceller([&] {
        std::this_thread::sleep_for(100ms);
        g_cancellable_cancel(cancellable_.get());
    });
    Bytes out(10000);
    gssize got = 0;
    while ((got = read(out, true)) > 0)
        continue;
    EXPECT_EQ(error_, G_IO_ERROR_CANCELLED);
    stop = true;
    sender.join();
    canceller.join();
    // And read on, with another one, as rtspsrc does after a command.
    cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
    send(kResponse);
    EXPECT_GE(read_all().size(), kResponse.size());
}

TEST_F(TapTest, WouldBlock) {
    claim();
    Bytes out(10);
    EXPECT_EQ(read(out), -1);
    EXPECT_EQ(error_, G_IO_ERROR_WOULD_BLOCK);
}

} // namespace
} // namespace rtspproxy::backend::tests
