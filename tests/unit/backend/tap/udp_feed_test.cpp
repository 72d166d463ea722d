#include "app/backend/tap/udp_feed.hpp"

#include "plugins/support/element.hpp"
#include "tests/unit/backend/tap/payloader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <thread>

namespace rtspproxy::backend::tests {
namespace {

using ::testing::ElementsAre;

class UdpFeedTest : public ::testing::Test {
  protected:
    UdpFeedTest() {
        ledger_->open = true;
        ledger_->latency_ms = 10000; // longer than any test
    }
    static Ref<GstBuffer> buffer(const Bytes& bytes) {
        auto made = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr));
        gst_buffer_fill(made.get(), 0, bytes.data(), bytes.size());
        return made;
    }
    GstFlowReturn take(const Bytes& bytes) { return feed_.take(buffer(bytes), through_.pad.get()); }
    GstFlowReturn take_list(std::initializer_list<Rtp> packets) {
        auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
        for (const Rtp& packet : packets)
            gst_buffer_list_add(list.get(), buffer(rtp_packet(packet)).release());
        return feed_.take(std::move(list), through_.pad.get());
    }
    // The track's way is known by the next packet that rtspsrc gets.
    void establish(const Rtp& packet) {
        through_.on_packet = [this] {
            attach_what_is_in_hand(ledger_, payloader_, monotonic_now());
        };
        take(rtp_packet(packet));
        through_.on_packet = nullptr;
    }

    std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
    Through through_;
    Payloader payloader_;
    UdpFeed feed_{ledger_};
};

TEST_F(UdpFeedTest, EverythingGoesThroughUntilItsWayIsKnown) {
    take_list({{.sequence = 1}, {.sequence = 2}});
    take(rtp_packet({.sequence = 3}));
    take(text("no RTP"));
    ASSERT_EQ(through_.packets.size(), 3U);
    EXPECT_EQ(through_.packets[2], rtp_packet({.sequence = 3}));
    EXPECT_EQ(ledger_->dropped, 1U);
    EXPECT_TRUE(payloader_.packets.empty());
}

TEST_F(UdpFeedTest, ThenPacketsGoDirectlyAsOneList) {
    establish({.sequence = 10});
    take_list({{.sequence = 11}, {.sequence = 12}, {.sequence = 13}});
    EXPECT_THAT(payloader_.sequences, ElementsAre(11, 12, 13));
    EXPECT_EQ(payloader_.lists, 1U);
    EXPECT_TRUE(payloader_.writable);
    EXPECT_EQ(payloader_.packets[0], rtp_packet({.sequence = 11}));
}

TEST_F(UdpFeedTest, TheHandOverLeavesNoGapAndNoDuplicate) {
    unsigned seen = 0;
    through_.on_packet = [&] {
        if (++seen == 2)
            attach_what_is_in_hand(ledger_, payloader_, monotonic_now());
    };
    take_list({{.sequence = 1}, {.sequence = 2}, {.sequence = 3}, {.sequence = 4}});
    ASSERT_GE(through_.packets.size(), 2U);
    EXPECT_EQ(through_.packets[0], rtp_packet({.sequence = 1}));
    EXPECT_EQ(through_.packets[1], rtp_packet({.sequence = 2}));
    EXPECT_THAT(payloader_.sequences, ElementsAre(3, 4));
}

TEST_F(UdpFeedTest, OneIn256IsASampleInOrder) {
    establish({.sequence = 0});
    for (unsigned i = 1; i <= 1024; ++i)
        take(rtp_packet({.sequence = static_cast<std::uint16_t>(i)}));
    EXPECT_EQ(payloader_.packets.size(), 1024U);
    const auto samples = through_.sequences();
    EXPECT_GE(samples.size(), 5U);
    EXPECT_LE(samples.size(), 6U);
    for (unsigned i = 1; i < samples.size(); ++i)
        EXPECT_EQ(samples[i], 3 + i); // behind those that it got first
}

TEST_F(UdpFeedTest, PutsPacketsInOrder) {
    establish({.sequence = 10});
    take(rtp_packet({.sequence = 12}));
    EXPECT_TRUE(payloader_.sequences.empty());
    take(rtp_packet({.sequence = 11}));
    take_list({{.sequence = 14}, {.sequence = 13}, {.sequence = 13}});
    EXPECT_THAT(payloader_.sequences, ElementsAre(11, 12, 13, 14));
    EXPECT_EQ(ledger_->reordered, 2U);
    EXPECT_EQ(ledger_->dropped, 1U);
    EXPECT_EQ(ledger_->lost, 0U);
}

TEST_F(UdpFeedTest, CountsWhatIsGivenUp) {
    establish({.sequence = 10});
    ledger_->latency_ms = 0;
    take_list({{.sequence = 11}, {.sequence = 15}});
    EXPECT_THAT(payloader_.sequences, ElementsAre(11, 15));
    EXPECT_EQ(ledger_->lost, 3U);
}

TEST_F(UdpFeedTest, AnotherSourceTakesOverASilentOnesTrack) {
    establish({.sequence = 10});
    take(rtp_packet({.sequence = 12})); // waits for 11
    take(rtp_packet({.sequence = 7001, .ssrc = 0x5678}));
    EXPECT_TRUE(payloader_.sequences.empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    take(rtp_packet({.sequence = 7002, .ssrc = 0x5678}));
    take_list({{.sequence = 7004, .ssrc = 0x5678}, {.sequence = 7003, .ssrc = 0x5678}});
    EXPECT_THAT(payloader_.sequences, ElementsAre(12, 7001, 7002, 7003, 7004));
    EXPECT_EQ(ledger_->lost, 1U);
    EXPECT_EQ(ledger_->dropped, 0U);
}

TEST_F(UdpFeedTest, ReportsOnTheSamePortArePassedOn) {
    establish({.sequence = 10});
    const Bytes report = Bytes{0x80, 200, 0, 6} + Bytes(24, 7);
    take(report);
    EXPECT_EQ(through_.packets.back(), report);
    EXPECT_EQ(ledger_->dropped, 0U);
}

TEST_F(UdpFeedTest, AStrayDisturbsNothing) {
    establish({.sequence = 10});
    take_list({{.sequence = 11}, {.sequence = 7000, .ssrc = 0x5678}, {.sequence = 12}});
    take_list({{.sequence = 14}, {.sequence = 13}});
    EXPECT_THAT(payloader_.sequences, ElementsAre(11, 12, 13, 14));
    EXPECT_EQ(ledger_->lost, 0U);
    EXPECT_EQ(ledger_->dropped, 1U); // itself
}

TEST_F(UdpFeedTest, TellsWhatRtspsrcAnswers) {
    through_.answer = GST_FLOW_FLUSHING;
    EXPECT_EQ(take(rtp_packet({.sequence = 1})), GST_FLOW_FLUSHING);
    through_.answer = GST_FLOW_OK;
    EXPECT_EQ(take(rtp_packet({.sequence = 2})), GST_FLOW_OK);
}

TEST_F(UdpFeedTest, NothingGoesDirectlyOnceTheBackEndIsNotWanted) {
    establish({.sequence = 1});
    ledger_->open = false;
    take(rtp_packet({.sequence = 2}));
    EXPECT_TRUE(payloader_.packets.empty());
}

} // namespace
} // namespace rtspproxy::backend::tests
