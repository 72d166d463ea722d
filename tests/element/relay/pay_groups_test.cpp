// rtprelaypay: one list an access unit.
#include "tests/element/relay/pay_fixture.hpp"

#include <algorithm>
#include <thread>

namespace rtspproxy::tests {
namespace {

class PayGroups : public PayTest {
  protected:
    std::vector<std::size_t> take_sizes() {
        std::vector<std::size_t> sizes;
        for (const Group& group : take_groups())
            sizes.push_back(group.packets.size());
        return sizes;
    }
};

using Sizes = std::vector<std::size_t>;

TEST_F(PayGroups, AreAccessUnits) {
    start(kH264Caps);
    push_unit(0, 4);
    push_unit(3600, 1);
    push_unit(7200, 12);
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0].packets.size(), 4U);
    EXPECT_TRUE(groups[0].list);
    EXPECT_EQ(groups[1].packets.size(), 1U);
    EXPECT_FALSE(groups[1].list); // a buffer by itself is cheaper
    EXPECT_EQ(groups[2].packets.size(), 12U);
    EXPECT_EQ(stat("access-units"), 3U);
}

TEST_F(PayGroups, WaitForTheirMarker) {
    start(kH264Caps);
    set("group-timeout", "1000");
    push(Packet{1, 0, false});
    push(Packet{2, 0, false});
    EXPECT_EQ(take_sizes(), Sizes{});
    push(Packet{3, 0, true});
    EXPECT_EQ(take_sizes(), Sizes{3});
}

TEST_F(PayGroups, EndWithTheNextTimestampIfTheirMarkerIsLost) {
    start(kH264Caps);
    for (std::uint32_t unit = 0; unit < 3; ++unit)
        push_unit(unit * 3600, 2);
    take_groups();
    push(Packet{200, 10800, false});
    push(Packet{201, 14400, false});
    push(Packet{202, 14400, true});
    EXPECT_EQ(take_sizes(), (Sizes{1, 2}));
}

TEST_F(PayGroups, AreSinglePacketsOfAudio) {
    start(kAudioCaps);
    for (std::uint32_t packet = 0; packet < 20; ++packet) {
        push(Packet{static_cast<std::uint16_t>(packet), packet * 160, packet == 0, {1}, 1, 8});
        ASSERT_EQ(take_sizes(), Sizes{1}) << packet;
    }
}

TEST_F(PayGroups, OfAnUnknownFormatAreLearnt) {
    start(kUnknownCaps);
    for (std::uint32_t unit = 0; unit < 3; ++unit)
        push_unit(unit * 3600, 3);
    EXPECT_EQ(take_sizes(), Sizes(9, 1));
    push_unit(10800, 3);
    EXPECT_EQ(take_sizes(), Sizes{3});
}

TEST_F(PayGroups, AreSinglePacketsIfNoneMayWait) {
    set("group-timeout", "0");
    start(kH264Caps);
    push_unit(0, 4);
    EXPECT_EQ(take_sizes(), Sizes(4, 1));
}

TEST_F(PayGroups, OfAPacedFrameAreSlices) {
    set("group-timeout", "1");
    start(kH264Caps);
    push(Packet{1, 0, false});
    std::this_thread::sleep_for(3ms);
    push(Packet{2, 0, false}); // the first has waited long enough
    EXPECT_EQ(take_sizes(), Sizes{2});
}

// Whoever comes next may write into what it gets without copying it.
TEST_F(PayGroups, BelongToWhoeverGetsThem) {
    start(kH264Caps);
    push_unit(0, 1);
    push_unit(3600, 5);
    push_list({{300, 7200, false}, {301, 7200, true}});
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 3U);
    for (const Group& group : groups)
        EXPECT_TRUE(group.writable) << group.packets.size();
}

// However a back end's packets are cut into lists, what leaves is the same.
TEST_F(PayGroups, DoNotDependOnHowPacketsCome) {
    set("group-timeout", "1000");
    set("seqnum-offset", "40");
    start(kH264Caps);
    std::vector<Packet> sent;
    Sizes expected;
    for (std::uint16_t unit = 0; unit < 60; ++unit) {
        const std::size_t size = 1 + unit * 7U % 11;
        const bool lost = unit % 9 == 8; // the marker
        for (std::size_t i = 1; i <= size; ++i)
            sent.push_back(
                {static_cast<std::uint16_t>(sent.size()), unit * 3600U, i == size && !lost});
        expected.push_back(size);
    }
    sent.push_back({static_cast<std::uint16_t>(sent.size()), 60 * 3600U, true});
    expected.push_back(1);
    std::uint32_t timestamp = 0;
    std::uint16_t sequence = 0;
    for (const std::size_t cut : {1, 2, 3, 5, 8, 13, 1000}) {
        for (std::size_t at = 0; at < sent.size(); at += cut) {
            std::vector<Packet> part(
                sent.begin() + static_cast<std::ptrdiff_t>(at),
                sent.begin() + static_cast<std::ptrdiff_t>(std::min(at + cut, sent.size())));
            for (Packet& packet : part) {
                packet.sequence = static_cast<std::uint16_t>(packet.sequence + sequence);
                packet.timestamp += timestamp;
            }
            push_list(part);
        }
        sequence = static_cast<std::uint16_t>(sequence + sent.size());
        timestamp += 61 * 3600;
        Sizes sizes;
        std::vector<std::uint16_t> numbers;
        for (const Group& group : take_groups()) {
            sizes.push_back(group.packets.size());
            EXPECT_TRUE(group.writable);
            for (const Bytes& bytes : group.packets)
                numbers.push_back(packet_of(bytes).sequence);
        }
        EXPECT_EQ(sizes, expected) << cut;
        ASSERT_EQ(numbers.size(), sent.size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
            ASSERT_EQ(numbers[i], static_cast<std::uint16_t>(40 + sequence - sent.size() + i));
    }
}

TEST_F(PayGroups, LeaveMalformedPacketsOut) {
    start(kH264Caps);
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    for (const Bytes& bytes :
         {bytes_of(Packet{1, 0, false}), Bytes{1, 2, 3}, bytes_of(Packet{2, 0, true}), Bytes(20, 0),
          Bytes{}, bytes_of(Packet{3, 3600, true})})
        gst_buffer_list_add(list.get(), buffer_of(bytes).release());
    gst_pad_push_list(harness()->srcpad, list.release());
    EXPECT_EQ(take_sizes(), (Sizes{2, 1}));
    EXPECT_EQ(stat("dropped-malformed"), 3U);
    EXPECT_EQ(stat("packets"), 3U);
}

TEST_F(PayGroups, AreStampedWithTheRunningTimeAtWhichTheyLeave) {
    start(kH264Caps);
    gst_element_set_base_time(element(), GST_SECOND);
    gst_harness_set_time(harness(), 3 * GST_SECOND);
    auto stamped = buffer_of(bytes_of(Packet{1, 0, false}));
    GST_BUFFER_PTS(stamped.get()) = 99 * GST_SECOND; // whatever the back end's stamps say
    GST_BUFFER_DTS(stamped.get()) = 98 * GST_SECOND;
    push(std::move(stamped));
    gst_harness_set_time(harness(), 4 * GST_SECOND);
    push(Packet{2, 0, true});
    push(Packet{3, 3600, true});
    for (const Group& group : take_groups()) {
        EXPECT_EQ(group.times, std::vector<GstClockTime>(group.packets.size(), 3 * GST_SECOND));
        EXPECT_EQ(group.decoding_times,
                  std::vector<GstClockTime>(group.packets.size(), GST_CLOCK_TIME_NONE));
    }
}

TEST_F(PayGroups, BeforeTheBaseTimeAreAtZero) {
    start(kH264Caps);
    gst_element_set_base_time(element(), 10 * GST_SECOND);
    gst_harness_set_time(harness(), GST_SECOND);
    push_unit(0, 1);
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].times, std::vector<GstClockTime>{0});
}

TEST_F(PayGroups, WithoutAClockHaveNoTime) {
    start(kH264Caps);
    gst_element_set_clock(element(), nullptr);
    push_unit(0, 2);
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].times, std::vector<GstClockTime>(2, GST_CLOCK_TIME_NONE));
}

TEST_F(PayGroups, OfTwoSourcesDoNotMix) {
    start(kH264Caps);
    push_unit(0, 2, kKeySlice);
    take();
    push(Packet{150, 3600, false});
    push_stream_start(); // the connection broke in the middle of a frame
    EXPECT_EQ(take_sizes(), Sizes{1});
    push(Packet{9, 3600, false, kParameterSet});
    push(Packet{10, 3600, true, kKeySlice});
    const auto groups = take_groups();
    ASSERT_FALSE(groups.empty());
    std::size_t packets = 0;
    for (const Group& group : groups)
        packets += group.packets.size();
    EXPECT_EQ(packets, 2U);
}

TEST_F(PayGroups, AreCounted) {
    start(kH264Caps);
    push_unit(0, 3);
    push_unit(3600, 1);
    push(Packet{300, 7200, false});
    EXPECT_EQ(stat("packets"), 4U); // the last has not left yet
    EXPECT_EQ(stat("bytes"), 4U * 14);
    EXPECT_EQ(stat("access-units"), 2U);
    EXPECT_EQ(stat("seqnum"), 104U);
    EXPECT_EQ(stat("seqnum-offset"), 104U);
    EXPECT_EQ(stat("timestamp"), 3600U);
    EXPECT_EQ(stat("ssrc"), 0xcafeU);
    EXPECT_EQ(get("seqnum"), "104");
    EXPECT_EQ(get("timestamp"), "3600");
}

} // namespace
} // namespace rtspproxy::tests
