// rtprelaypay: the back end's clock, as its sender reports tell it.
#include "tests/element/relay/pay_fixture.hpp"

#include "plugins/relay/report_event.hpp"

#include <thread>

namespace rtspproxy::tests {
namespace {

class PayClock : public PayTest {
  protected:
    PayClock() {
        set("timestamp-offset", "500000");
        start(kH264Caps);
        push_unit(1000, 2, kKeySlice); // leaves as 500000
    }
    void report(std::uint64_t ntp, std::uint32_t rtp_time, std::uint32_t ssrc = 0xcafe) {
        EXPECT_TRUE(push_event(relay::make_report_event({ssrc, ntp, rtp_time}).release()));
    }
    // As the statistics have it.
    std::optional<rtp::ClockMapping> clock() {
        GstStructure* raw = nullptr;
        g_object_get(element(), "stats", &raw, nullptr);
        const StructurePtr stats(raw);
        gboolean valid = FALSE;
        guint64 ntp = 0;
        guint rtp_time = 0;
        guint rate = 0;
        EXPECT_TRUE(gst_structure_get(stats.get(), "clock-valid", G_TYPE_BOOLEAN, &valid,
                                      "clock-ntp", G_TYPE_UINT64, &ntp, "clock-rtp", G_TYPE_UINT,
                                      &rtp_time, "clock-rate", G_TYPE_UINT, &rate, nullptr));
        if (valid == FALSE)
            return std::nullopt;
        return rtp::ClockMapping{ntp, rtp_time, rate};
    }
    void reconnect() {
        push_event(gst_event_new_eos());
        push_stream_start();
        sequence_ = 40000;
    }
};

TEST_F(PayClock, IsUnknownAtFirst) {
    EXPECT_EQ(clock(), std::nullopt);
}

TEST_F(PayClock, IsInOutgoingTimestamps) {
    report(7777, 4600);
    push_unit(4600);
    EXPECT_EQ(take().back().timestamp, 503'600U);
    EXPECT_EQ(clock(), (rtp::ClockMapping{7777, 503'600, 90'000}));
    report(8888, 8200);
    push_unit(8200);
    EXPECT_EQ(clock(), (rtp::ClockMapping{8888, 507'200, 90'000}));
}

TEST_F(PayClock, NothingOfItGoesDownstream) {
    take_events();
    report(7777, 4600);
    push_unit(4600);
    EXPECT_EQ(take_events(), Names{});
}

TEST_F(PayClock, OtherSourcesSayNothing) {
    report(7777, 4600, 0xbeef);
    push_unit(4600);
    EXPECT_EQ(clock(), std::nullopt);
}

TEST_F(PayClock, IsForgottenWithTheConnection) {
    report(7777, 4600);
    push_unit(4600);
    ASSERT_TRUE(clock());
    reconnect();
    EXPECT_EQ(clock(), std::nullopt);
    push_unit(1'000'000, 1, kKeySlice);
    EXPECT_EQ(clock(), std::nullopt);
    report(9999, 1'000'000);
    push_unit(1'003'600);
    const auto out = take().back().timestamp;
    EXPECT_EQ(clock(), (rtp::ClockMapping{9999, out - 3600, 90'000}));
}

// The timestamps of units that are held back are not those that are sent.
TEST_F(PayClock, CountsFromTheFirstUnitThatLeavesAfterAnOutage) {
    reconnect();
    report(9999, 1'000'000);
    push_unit(1'000'000); // no key frame
    std::this_thread::sleep_for(30ms);
    push_unit(1'003'600);
    EXPECT_EQ(clock(), std::nullopt);
    take();
    push_unit(1'007'200, 1, kKeySlice);
    const auto out = take();
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(clock(), (rtp::ClockMapping{9999, out[0].timestamp - 7200, 90'000}));
}

TEST_F(PayClock, IsForgottenWhenAnotherSourceTakesOver) {
    report(7777, 4600);
    push_unit(4600);
    for (std::uint16_t i = 0; i < 2; ++i)
        push(Packet{i, 9'000'000, true, kKeySlice, 0xbeef});
    EXPECT_EQ(clock(), std::nullopt);
    report(5555, 9'000'000, 0xbeef);
    push(Packet{2, 9'000'000, true, kKeySlice, 0xbeef});
    EXPECT_EQ(clock(), (rtp::ClockMapping{5555, take().back().timestamp, 90'000}));
}

TEST_F(PayClock, BeginsAnewWithTheNextRun) {
    report(7777, 4600);
    push_unit(4600);
    set_state(GST_STATE_READY);
    set_state(GST_STATE_PLAYING);
    EXPECT_EQ(clock(), std::nullopt);
}

TEST_F(PayClock, OtherEventsAreNoReports) {
    push_event(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                    gst_structure_new_empty("rtp-sender-report")));
    push_event(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                    gst_structure_new_empty("something-else")));
    push_unit(4600);
    EXPECT_EQ(clock(), std::nullopt);
}

} // namespace
} // namespace rtspproxy::tests
