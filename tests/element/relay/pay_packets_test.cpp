// rtprelaypay: what of a packet is changed, and what is not.
#include "tests/element/relay/pay_fixture.hpp"
#include "tests/support/rtp_source_packet.hpp"

namespace rtspproxy::tests {
namespace {

class PayPackets : public PayTest {
  protected:
    // Everything but sequence number, timestamp and SSRC.
    static Bytes untouchable(Bytes bytes) {
        for (std::size_t i = 2; i < 12 && i < bytes.size(); ++i)
            bytes[i] = 0;
        return bytes;
    }
};

TEST_F(PayPackets, LeaveAsTheyCameIfNothingIsSet) {
    start(kH264Caps);
    PacketShape shape;
    shape.ssrc = 0x12345678;
    shape.first_timestamp = 0xfffffff0U;
    shape.first_sequence = 65530;
    shape.burst = 3;
    std::vector<Bytes> sent;
    for (std::uint64_t number = 0; number < 60; ++number) { // every combination of its shapes
        sent.push_back(make_packet(shape, number));
        EXPECT_EQ(push(sent.back()), GST_FLOW_OK);
    }
    EXPECT_EQ(take_bytes(), sent);
}

TEST_F(PayPackets, KeepAllButTheThreeFieldsIfTheyAreSet) {
    set("ssrc", "77");
    set("seqnum-offset", "65534");
    set("timestamp-offset", "4294967295");
    start(kH264Caps);
    PacketShape shape;
    shape.ssrc = 0x12345678;
    shape.first_timestamp = 1000;
    shape.first_sequence = 5;
    std::vector<Bytes> sent;
    for (std::uint64_t number = 0; number < 60; ++number) {
        sent.push_back(make_packet(shape, number));
        push(sent.back());
    }
    const auto received = take_bytes();
    ASSERT_EQ(received.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_EQ(untouchable(received[i]), untouchable(sent[i])) << i;
        const Packet packet = packet_of(received[i]);
        EXPECT_EQ(packet.sequence, static_cast<std::uint16_t>(65534 + i));
        EXPECT_EQ(packet.timestamp, static_cast<std::uint32_t>(0xffffffffU + i * 3600));
        EXPECT_EQ(packet.ssrc, 77U);
    }
}

TEST_F(PayPackets, ZeroesAreValuesToo) {
    set("ssrc", "0");
    set("seqnum-offset", "0");
    set("timestamp-offset", "0");
    start(kH264Caps);
    push(Packet{9, 99, true, kSlice, 0xcafe});
    EXPECT_EQ(take(), (std::vector<Packet>{{0, 0, true, kSlice, 0}}));
}

TEST_F(PayPackets, GetThePayloadTypeThatWasSet) {
    set("pt", "127");
    start(kH264Caps);
    push(Packet{1, 0, true, kSlice, 0xcafe, 96});
    push(Packet{2, 3600, true, kSlice, 0xcafe, 97}); // another one of the same m= line
    const auto packets = take();
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(packets[0].payload_type, 127);
    EXPECT_TRUE(packets[0].marker);
    EXPECT_EQ(packets[1].payload_type, 97);
}

TEST_F(PayPackets, KeepThePayloadTypeOfKnownCapsThoughTheBackEndsChanges) {
    set("caps", kH264Caps);
    start(kH264Caps);
    ASSERT_TRUE(wait_until_open());
    push_stream_start();
    gst_harness_set_src_caps_str(harness(), "application/x-rtp, media=(string)video, "
                                            "payload=(int)110, clock-rate=(int)90000, "
                                            "encoding-name=(string)H264");
    push(Packet{1, 0, false, kKeySlice, 1, 110});
    push(Packet{2, 0, true, kSlice, 1, 13});
    const auto packets = take();
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(packets[0].payload_type, 96);
    EXPECT_EQ(packets[1].payload_type, 13);
    EXPECT_TRUE(packets[1].marker);
}

// Caps of a hand-made pipeline may not tell the back end's payload type: its packets do.
TEST_F(PayPackets, TellThePayloadTypeIfTheCapsDoNot) {
    set("pt", "100");
    start("application/x-rtp, media=(string)video, clock-rate=(int)90000");
    push(Packet{1, 0, true, kSlice, 1, 33});
    push(Packet{2, 3600, true, kSlice, 1, 33});
    for (const Packet& packet : take())
        EXPECT_EQ(packet.payload_type, 100);
}

TEST_F(PayPackets, KeepThePayloadTypeIfNobodyNamesOne) {
    start("application/x-rtp");
    push(Packet{1, 0, true, kSlice, 1, 33});
    const auto packets = take();
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0].payload_type, 33);
}

TEST_F(PayPackets, KeepTheBackEndsGaps) {
    start(kH264Caps);
    for (const auto sequence : Sequences{65533, 65535, 3, 4})
        push(Packet{sequence, sequence, true});
    EXPECT_EQ(take_sequences(), (Sequences{65533, 65535, 3, 4}));
}

TEST_F(PayPackets, ThatAreNoneAreDroppedAndCounted) {
    start(kH264Caps);
    push_unit(0, 2);
    Bytes truncated_extension = bytes_of(Packet{1, 0, true});
    truncated_extension[0] |= 0x10U;
    Bytes long_extension = truncated_extension;
    long_extension.insert(long_extension.end(), {0xff, 0xff, 0, 0});
    Bytes missing_csrcs = bytes_of(Packet{1, 0, true});
    missing_csrcs[0] |= 0x0fU;
    const std::vector<Bytes> garbage{{},
                                     {0x80},
                                     Bytes(11, 0x80),
                                     Bytes(200, 0x00), // version 0
                                     Bytes(200, 0x7f), // 1
                                     Bytes(200, 0xff), // 3
                                     truncated_extension,
                                     long_extension,
                                     missing_csrcs};
    for (const Bytes& bytes : garbage)
        EXPECT_EQ(push(bytes), GST_FLOW_OK);
    EXPECT_EQ(stat("dropped-malformed"), garbage.size());
    push_unit(3600, 2);
    EXPECT_EQ(take_sequences(), (Sequences{100, 101, 102, 103}));
}

TEST_F(PayPackets, ThatAreNoneDoNotEndAnAccessUnit) {
    start(kH264Caps);
    push(Packet{1, 0, false});
    push(Bytes{});
    push(Packet{2, 0, true});
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].packets.size(), 2U);
}

// A watchdog goes by it: a back end that sends garbage does not flow.
TEST_F(PayPackets, ThatAreNoneAreNoSignOfLife) {
    start(kH264Caps);
    push(Bytes{});
    push(Bytes(100, 0x00));
    EXPECT_EQ(stat("last-arrival"), 0U);
    EXPECT_EQ(take_messages(), Names{});
    push_unit(0);
    EXPECT_GT(stat("last-arrival"), 0U);
    EXPECT_EQ(take_messages(), Names{"rtp-relay-flowing"});
}

TEST_F(PayPackets, ThatAreSharedAreNotWrittenTo) {
    set("seqnum-offset", "1");
    start(kH264Caps);
    const Bytes bytes = bytes_of(Packet{500, 0, true});
    const auto buffer = buffer_of(bytes);
    EXPECT_EQ(push(Ref<GstBuffer>(buffer)), GST_FLOW_OK);
    EXPECT_EQ(take_sequences(), Sequences{1});
    EXPECT_EQ(bytes_of(buffer.get()), bytes);
}

TEST_F(PayPackets, OfSharedMemoryAreNotWrittenTo) {
    set("seqnum-offset", "1");
    start(kH264Caps);
    const Bytes bytes = bytes_of(Packet{500, 0, true});
    const auto original = buffer_of(bytes);
    auto view = Ref<GstBuffer>::adopt(
        gst_buffer_copy_region(original.get(), GST_BUFFER_COPY_MEMORY, 0, bytes.size()));
    push(std::move(view));
    EXPECT_EQ(take_sequences(), Sequences{1});
    EXPECT_EQ(bytes_of(original.get()), bytes);
}

TEST_F(PayPackets, OfReadOnlyMemoryAreCopied) {
    set("seqnum-offset", "1");
    start(kH264Caps);
    static const Bytes bytes = bytes_of(Packet{500, 0, true});
    const Bytes before = bytes;
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new());
    gst_buffer_append_memory(
        buffer.get(),
        gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, const_cast<std::uint8_t*>(bytes.data()),
                               bytes.size(), 0, bytes.size(), nullptr, nullptr));
    push(std::move(buffer));
    EXPECT_EQ(take_sequences(), Sequences{1});
    EXPECT_EQ(bytes, before);
}

TEST_F(PayPackets, OfSeveralMemoriesStayWhole) {
    set("seqnum-offset", "1");
    start(kH264Caps);
    PacketShape shape;
    const Bytes bytes = make_packet(shape, 28); // a header extension, and 8 + 1036 bytes
    for (const std::size_t cut :
         {std::size_t{1}, std::size_t{11}, std::size_t{12}, std::size_t{15}, bytes.size() - 1}) {
        auto buffer =
            buffer_of(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut)));
        buffer = Ref<GstBuffer>::adopt(gst_buffer_append(
            buffer.release(),
            buffer_of(Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end()))
                .release()));
        ASSERT_EQ(gst_buffer_n_memory(buffer.get()), 2U);
        push(std::move(buffer));
    }
    const auto received = take_bytes();
    ASSERT_EQ(received.size(), 5U);
    for (const Bytes& each : received)
        EXPECT_EQ(untouchable(each), untouchable(bytes));
}

TEST_F(PayPackets, OfAListAreTakenOneByOne) {
    start(kH264Caps);
    EXPECT_EQ(push_list({{1, 0, false}, {2, 0, true}, {3, 3600, true}, {4, 7200, false}}),
              GST_FLOW_OK);
    const auto groups = take_groups();
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].packets.size(), 2U);
    EXPECT_EQ(groups[1].packets.size(), 1U);
    EXPECT_EQ(push_list({}), GST_FLOW_OK);
    EXPECT_EQ(push_list({{5, 7200, true}}), GST_FLOW_OK);
    EXPECT_EQ(take_sequences(), (Sequences{4, 5}));
}

TEST_F(PayPackets, OfASharedListAreNotWrittenTo) {
    set("seqnum-offset", "1");
    start(kH264Caps);
    const Bytes bytes = bytes_of(Packet{500, 0, true});
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    gst_buffer_list_add(list.get(), buffer_of(bytes).release());
    const auto kept = list;
    EXPECT_EQ(gst_pad_push_list(harness()->srcpad, list.release()), GST_FLOW_OK);
    EXPECT_EQ(take_sequences(), Sequences{1});
    ASSERT_EQ(gst_buffer_list_length(kept.get()), 1U);
    EXPECT_EQ(bytes_of(gst_buffer_list_get(kept.get(), 0)), bytes);
}

} // namespace
} // namespace rtspproxy::tests
