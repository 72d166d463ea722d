// rtprelaypay: several packets in one buffer, framed.
#include "plugins/rtp/frames.hpp"
#include "tests/element/relay/pay_fixture.hpp"

#include <gmock/gmock.h>

namespace rtspproxy::tests {
namespace {

class PayFrames : public PayTest {
  protected:
    static std::vector<Packet> unframed(const Bytes& frames) {
        std::vector<Packet> packets;
        EXPECT_TRUE(
            rtp::for_each_frame(std::span(frames), [&packets](std::span<const std::uint8_t> frame) {
                EXPECT_EQ(frame[1], 6);
                const auto bytes = frame.subspan(rtp::kFrameHeaderSize);
                packets.push_back(packet_of({bytes.begin(), bytes.end()}));
            }));
        return packets;
    }
};

TEST_F(PayFrames, LeaveAsTheyCame) {
    start(kH264Caps);
    const std::vector<Packet> packets{
        {65535, 100, false, kKeySlice}, {0, 100, false}, {1, 100, true}};
    push(framed(packets));
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_TRUE(groups[0].list); // so that who sees it can put packets there
    EXPECT_TRUE(groups[0].writable);
    ASSERT_EQ(groups[0].packets.size(), 1U);
    EXPECT_EQ(unframed(groups[0].packets[0]), packets);
    EXPECT_TRUE(GST_CLOCK_TIME_IS_VALID(groups[0].times[0]));
    EXPECT_EQ(stat("packets"), 3U);
    EXPECT_EQ(stat("bytes"), 3U * 14);
    EXPECT_EQ(stat("access-units"), 1U);
    EXPECT_EQ(stat("seqnum"), 2U);
}

TEST_F(PayFrames, AreReaddressedAfterAnOutage) {
    set("key-frame-timeout", "0");
    start(kH264Caps);
    push(framed({{10, 100, false}, {11, 100, true}}));
    push_stream_start();
    push(framed({{500, 7, false, kSlice, 0xbeef},
                 {501, 7, false, kSlice, 0xbeef},
                 {502, 7, true, kSlice, 0xbeef}}));
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 2U);
    const auto again = unframed(groups[1].packets[0]);
    EXPECT_EQ(sequences(again), (Sequences{12, 13, 14}));
    for (const Packet& packet : again) {
        EXPECT_EQ(packet.ssrc, 0xcafeU);
        EXPECT_EQ(packet.timestamp, again[0].timestamp);
    }
}

TEST_F(PayFrames, WaitForTheRestOfTheirAccessUnit) {
    set("group-timeout", "1000");
    start(kH264Caps);
    push(framed({{1, 100, false}, {2, 100, false}}));
    EXPECT_TRUE(take_groups().empty());
    push(framed({{3, 100, true}}));
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    ASSERT_EQ(groups[0].packets.size(), 2U);
    EXPECT_EQ(unframed(groups[0].packets[0]).size(), 2U);
    EXPECT_EQ(unframed(groups[0].packets[1]).size(), 1U);
}

// As when a back end's track changes over from rtspsrc's way to the tap's in an access unit.
TEST_F(PayFrames, AreNeverInOneListWithPackets) {
    set("group-timeout", "1000");
    start(kH264Caps);
    push(Packet{1, 100, false});
    push(framed({{2, 100, false}, {3, 100, false}}));
    push(Packet{4, 100, true});
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(packet_of(groups[0].packets[0]).sequence, 1);
    EXPECT_EQ(sequences(unframed(groups[1].packets[0])), (Sequences{2, 3}));
    EXPECT_EQ(packet_of(groups[2].packets[0]).sequence, 4);
    EXPECT_EQ(stat("packets"), 4U);
}

// As they come of a tap: what was read at once.
TEST_F(PayFrames, OfSeveralAccessUnitsMayComeInOneList) {
    set("group-timeout", "1000");
    start(kH264Caps);
    push(Packet{1, 100, false});
    push_buffers({framed({{2, 100, true}}), framed({{3, 200, false}, {4, 200, true}}),
                  framed({{5, 300, false}}), Bytes(20, 0), framed({{6, 300, true}}),
                  bytes_of(Packet{7, 400, false}), framed({{8, 400, false}})});
    push_buffers({framed({{9, 400, true}})});
    std::vector<Sequences> groups;
    for (const Group& group : take_groups()) {
        groups.emplace_back();
        for (const Bytes& bytes : group.packets) {
            const auto packets =
                rtp::is_framed(bytes) ? unframed(bytes) : std::vector{packet_of(bytes)};
            for (const Packet& packet : packets)
                groups.back().push_back(packet.sequence);
        }
    }
    EXPECT_THAT(groups, ::testing::ElementsAre(Sequences{1}, Sequences{2}, Sequences{3, 4},
                                               Sequences{5, 6}, Sequences{7}, Sequences{8, 9}));
    EXPECT_EQ(stat("packets"), 9U);
    EXPECT_EQ(stat("dropped-malformed"), 1U);
}

TEST_F(PayFrames, AreDroppedWholeIfOneIsNoPacket) {
    start(kH264Caps);
    Bytes bad = framed({{1, 100, false}, {2, 100, true}});
    bad[rtp::kFrameHeaderSize] = 0; // version 0
    push(bad);
    Bytes cut = framed({{1, 100, false}, {2, 100, true}});
    cut.pop_back();
    push(cut);
    EXPECT_TRUE(take_groups().empty());
    EXPECT_EQ(stat("dropped-malformed"), 2U);
    push(framed({{1, 100, true}}));
    EXPECT_EQ(take_groups().size(), 1U);
    EXPECT_EQ(stat("seqnum"), 2U); // as if the others had never come
}

TEST_F(PayFrames, AreCountedOneByOneWhereTheyAreDropped) {
    start(kH264Caps);
    push(framed({{1, 100, false, kKeySlice}, {2, 100, true}}));
    push_stream_start();
    push(framed({{1, 200, false}, {2, 200, false}, {3, 200, true}})); // no key frame
    EXPECT_EQ(stat("dropped-waiting"), 3U);
    answer(GST_FLOW_FLUSHING);
    push(framed({{4, 300, false, kKeySlice}, {5, 300, true}}));
    EXPECT_EQ(stat("dropped-flow"), 2U);
    EXPECT_EQ(take_groups().size(), 2U);
}

} // namespace
} // namespace rtspproxy::tests
