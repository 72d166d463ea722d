// rtprelaypay: how a stream begins with clean-start, and what other payload types and sources do to
// one that runs.
#include "tests/element/relay/pay_fixture.hpp"

#include <utility>

namespace rtspproxy::tests {
namespace {

class PayStart : public PayTest {
  protected:
    PayStart() {
        set("caps", kH264Caps);
        set("clean-start", "true");
    }
    ~PayStart() override { unblock(); }

    // As gst-rtsp-server does until somebody plays.
    void block() {
        probe_ = gst_pad_add_probe(
            pad_.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
            [](GstPad*, GstPadProbeInfo* info, gpointer) {
                const bool event = (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0;
                return event && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_GAP
                           ? GST_PAD_PROBE_PASS
                           : GST_PAD_PROBE_OK;
            },
            nullptr, nullptr);
    }
    void unblock() {
        if (probe_ != 0)
            gst_pad_remove_probe(pad_.get(), std::exchange(probe_, 0));
    }
    // Of the packets with numbers in the run that the payloader gives out, the first few.
    std::vector<Packet> take_after_unblocking(std::size_t count) {
        unblock();
        std::vector<Packet> all;
        EXPECT_TRUE(eventually([&] {
            push_unit(timestamp_ += 3600);
            for (auto& packet : take())
                all.push_back(std::move(packet));
            return all.size() > count;
        }));
        all.resize(std::min(all.size(), count));
        return all;
    }
    void picture(const Bytes& payload) { push_unit(timestamp_ += 3600, 1, payload); }

    Ref<GstPad> pad_ = Ref<GstPad>::adopt(gst_element_get_static_pad(element(), "src"));
    gulong probe_ = 0;
    std::uint32_t timestamp_ = 0;
};

TEST_F(PayStart, WhatCameSinceTheLastKeyFrameIsShown) {
    block();
    start(kH264Caps);
    picture(kKeySlice);
    picture(kSlice);
    picture(kKeySlice);
    const std::uint32_t key = timestamp_;
    picture(kSlice);
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(stat("dropped-preroll"), 2U);
    const auto packets = take_after_unblocking(3);
    EXPECT_EQ(packets.at(0).payload, kKeySlice);
    EXPECT_EQ(packets.at(0).timestamp, key);
    EXPECT_EQ(packets.at(1).timestamp, key + 3600);
    EXPECT_EQ(packets.at(2).timestamp, key + 2 * 3600);
    EXPECT_EQ(stat("dropped-waiting"), 0U);
}

TEST_F(PayStart, WhatComesInTheMidstOfAGroupIsNot) {
    start(kH264Caps);
    for (int i = 0; i < 20; ++i)
        picture(kSlice);
    EXPECT_TRUE(take().empty());
    picture(kKeySlice);
    const auto packets = take_after_unblocking(2);
    EXPECT_EQ(packets.at(0).payload, kKeySlice);
    EXPECT_EQ(packets.at(1).payload, kSlice);
}

TEST_F(PayStart, ButNotForEver) {
    set("key-frame-timeout", "300");
    start(kH264Caps);
    EXPECT_TRUE(eventually([this] {
        picture(kSlice);
        return !take().empty();
    }));
    EXPECT_GT(stat("dropped-waiting") + stat("dropped-preroll"), 0U);
}

class PayTypes : public PayTest {};

// Nobody has renamed it: it is another one of the track.
TEST_F(PayTypes, AnotherEncodingsKeepsItsNumber) {
    set("caps", kAudioCaps);
    start("application/x-rtp, media=(string)audio, payload=(int)0, clock-rate=(int)8000, "
          "encoding-name=(string)PCMU");
    ASSERT_TRUE(eventually([this] {
        push(Packet{sequence_++, 0, true, kSlice, 1, 0});
        const auto packets = take();
        return !packets.empty() && packets.front().payload_type == 0;
    }));
    push(Packet{sequence_++, 160, true, kSlice, 1, 8});
    EXPECT_EQ(take().at(0).payload_type, 8);
}

TEST_F(PayTypes, AnotherOnesTimestampsAreNoJump) {
    start(kH264Caps);
    push(Packet{1, 90000, true, kKeySlice});
    push(Packet{2, 5, true, kKeySlice, 0xcafe, 50});
    push(Packet{3, 93600, true, kSlice});
    const auto packets = take();
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[1].payload_type, 50);
    EXPECT_EQ(packets[2].timestamp - packets[0].timestamp, 3600U);
    EXPECT_EQ(packets[2].sequence, static_cast<std::uint16_t>(packets[0].sequence + 2));
    EXPECT_EQ(stat("discontinuities"), 0U);
}

TEST_F(PayTypes, AnotherSourceGoesOnWithAKeyFrame) {
    start(kH264Caps);
    push(Packet{1, 90000, true, kKeySlice});
    push(Packet{2, 93600, true, kSlice});
    push(Packet{700, 8, true, kSlice, 0xbeef});
    push(Packet{701, 3608, true, kSlice, 0xbeef});
    push(Packet{702, 7208, true, kKeySlice, 0xbeef});
    const auto packets = take();
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[2].payload, kKeySlice);
    EXPECT_EQ(packets[2].sequence, static_cast<std::uint16_t>(packets[0].sequence + 2));
    EXPECT_EQ(packets[2].ssrc, packets[0].ssrc);
    EXPECT_EQ(stat("dropped-waiting"), 2U);
}

} // namespace
} // namespace rtspproxy::tests
