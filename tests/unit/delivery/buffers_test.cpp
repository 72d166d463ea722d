// What comes out of rtprelaypay, packets or frames, as access units; and back.
#include "app/delivery/buffers.hpp"

#include "tests/unit/delivery/units.hpp"

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>

namespace rtspproxy::delivery::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr GstClockTime kTime = 5 * GST_SECOND;

Ref<GstBuffer> buffer_of(std::span<const std::uint8_t> bytes, bool key_frame = true) {
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr));
    gst_buffer_fill(buffer.get(), 0, bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer.get()) = kTime;
    if (!key_frame)
        GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
    return buffer;
}

Bytes bytes_of(GstBuffer* buffer) {
    Bytes bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    return bytes;
}

// What a pad probe is shown.
class Shown {
  public:
    explicit Shown(Ref<GstBuffer> buffer) {
        info_.type = GST_PAD_PROBE_TYPE_BUFFER;
        info_.data = buffer.release();
    }
    explicit Shown(std::vector<Ref<GstBuffer>> buffers) {
        info_.type = GST_PAD_PROBE_TYPE_BUFFER_LIST;
        GstBufferList* list = gst_buffer_list_new();
        for (auto& buffer : buffers)
            gst_buffer_list_add(list, buffer.release());
        info_.data = list;
    }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;
    ~Shown() { gst_mini_object_unref(static_cast<GstMiniObject*>(info_.data)); }

    [[nodiscard]] GstPadProbeInfo* info() { return &info_; }
    [[nodiscard]] GstBufferList* list() { return GST_PAD_PROBE_INFO_BUFFER_LIST(&info_); }

  private:
    GstPadProbeInfo info_{};
};

std::vector<Ref<GstBuffer>> packets(std::uint16_t first, std::size_t count) {
    std::vector<Ref<GstBuffer>> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(buffer_of(packet(static_cast<std::uint16_t>(first + i), 90)));
    return all;
}

std::vector<Ref<GstBuffer>> frames(std::uint16_t first, std::initializer_list<std::size_t> counts,
                                   bool key_frame = true) {
    std::vector<Ref<GstBuffer>> all;
    for (const std::size_t count : counts) {
        all.push_back(
            buffer_of(unit(first, 90, {.packets = count, .channel = 7})->framed(), key_frame));
        first = static_cast<std::uint16_t>(first + count);
    }
    return all;
}

void expect_unit(const TakenUnit& taken, std::uint16_t first, std::size_t count) {
    ASSERT_TRUE(taken.unit);
    EXPECT_TRUE(std::ranges::equal(taken.unit->framed(),
                                   unit(first, 90, {.packets = count, .channel = 2})->framed()));
    EXPECT_EQ(taken.unit->packets(), count);
    EXPECT_TRUE(taken.has_key_frame);
}

TEST(TakeUnit, OfPackets) {
    Shown one(buffer_of(packet(5, 90)));
    expect_unit(take_unit(one.info(), 2), 5, 1);
    Shown several(packets(65534, 4));
    const auto taken = take_unit(several.info(), 2);
    expect_unit(taken, 65534, 4);
    EXPECT_FALSE(taken.framed);
    EXPECT_EQ(gst_buffer_list_length(several.list()), 4U);
}

TEST(TakeUnit, OfFramesInOnePieceWithoutACopy) {
    TakenUnit taken;
    const std::uint8_t* where = nullptr;
    {
        Shown shown(frames(5, {3}));
        GstMapInfo map;
        ASSERT_TRUE(gst_buffer_map(gst_buffer_list_get(shown.list(), 0), &map, GST_MAP_READ));
        where = map.data;
        gst_buffer_unmap(gst_buffer_list_get(shown.list(), 0), &map);
        taken = take_unit(shown.info(), 2);
        EXPECT_TRUE(taken.framed);
    }
    expect_unit(taken, 5, 3); // outlives the buffer
    EXPECT_EQ(taken.unit->framed().data(), where);
}

// As when an access unit came in two readings.
TEST(TakeUnit, OfFramesThatFollowEachOtherWithoutACopy) {
    const auto made = unit(5, 90, {.packets = 4, .channel = 7});
    Bytes frames(made->framed().begin(), made->framed().end());
    const std::size_t cut = frames.size() / 4;
    int released = 0;
    TakenUnit taken;
    {
        std::vector<Ref<GstBuffer>> parts;
        for (const auto& [begin, length] : {std::pair{std::size_t{0}, cut}, {cut, 3 * cut}})
            parts.push_back(Ref<GstBuffer>::adopt(gst_buffer_new_wrapped_full(
                GstMemoryFlags{}, frames.data(), frames.size(), begin, length, &released,
                [](gpointer count) { ++*static_cast<int*>(count); })));
        Shown shown(std::move(parts));
        taken = take_unit(shown.info(), 2);
    }
    ASSERT_TRUE(taken.unit);
    EXPECT_EQ(taken.unit->framed().data(), frames.data());
    EXPECT_EQ(taken.unit->packets(), 4U);
    EXPECT_EQ(taken.unit->last_sequence(), 8);
    EXPECT_EQ(released, 0);
    taken.unit.reset();
    EXPECT_EQ(released, 2);
}

// Sound that was read along with pictures must not keep them for as long as it is cached.
TEST(TakeUnit, OfFramesThatWouldKeepMuchElseIsACopy) {
    Bytes chunk(10'000);
    const auto made = unit(5, 90, {.packets = 2, .channel = 7});
    const auto small = made->framed();
    std::ranges::copy(small, chunk.begin() + 5000);
    int released = 0;
    TakenUnit taken;
    {
        std::vector<Ref<GstBuffer>> parts;
        parts.push_back(Ref<GstBuffer>::adopt(gst_buffer_new_wrapped_full(
            GstMemoryFlags{}, chunk.data(), chunk.size(), 5000, small.size(), &released,
            [](gpointer count) { ++*static_cast<int*>(count); })));
        Shown shown(std::move(parts));
        taken = take_unit(shown.info(), 2);
    }
    expect_unit(taken, 5, 2);
    EXPECT_EQ(released, 1);
}

TEST(TakeUnit, OfFramesInSeveralPieces) {
    Shown shown(frames(5, {3, 1, 2}));
    const auto taken = take_unit(shown.info(), 2);
    EXPECT_TRUE(taken.framed);
    expect_unit(taken, 5, 6);
}

TEST(TakeUnit, OfNothingThatIsAPacket) {
    Shown shown(buffer_of(Bytes(20, 1)));
    EXPECT_FALSE(take_unit(shown.info(), 2).unit);
    std::vector<Ref<GstBuffer>> framed;
    framed.push_back(buffer_of(Bytes{'$', 0, 0, 9, 1, 2}));
    Shown cut(std::move(framed));
    EXPECT_FALSE(take_unit(cut.info(), 2).unit);
}

TEST(TakeUnit, TellsKeyFrames) {
    Shown shown(buffer_of(packet(5, 90), false));
    EXPECT_FALSE(take_unit(shown.info(), 2).has_key_frame);
}

// For those that get packets, who count on their time and flags.
TEST(Unframe, PutsThePacketsInTheirPlace) {
    for (const bool key_frame : {true, false}) {
        Shown shown(frames(65534, {1, 3}, key_frame));
        const auto taken = take_unit(shown.info(), 2);
        unframe(shown.info(), taken.unit);
        ASSERT_EQ(gst_buffer_list_length(shown.list()), 4U);
        for (guint i = 0; i < 4; ++i) {
            GstBuffer* buffer = gst_buffer_list_get(shown.list(), i);
            EXPECT_EQ(bytes_of(buffer), packet(static_cast<std::uint16_t>(65534 + i), 90));
            EXPECT_EQ(GST_BUFFER_PTS(buffer), kTime);
            EXPECT_EQ(GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT), !key_frame);
        }
    }
}

TEST(ReduceToSample, LeavesTheLastPacket) {
    const auto expect_sample = [](Shown& shown) {
        const auto taken = take_unit(shown.info(), 2);
        EXPECT_FALSE(is_sample(shown.info()));
        reduce_to_sample(shown.info(), taken);
        EXPECT_TRUE(is_sample(shown.info()));
        ASSERT_EQ(gst_buffer_list_length(shown.list()), 1U);
        GstBuffer* buffer = gst_buffer_list_get(shown.list(), 0);
        EXPECT_EQ(bytes_of(buffer), packet(8, 90));
        EXPECT_EQ(GST_BUFFER_PTS(buffer), kTime);
    };
    Shown of_packets(packets(5, 4)), of_frames(frames(5, {4})), of_pieces(frames(5, {3, 1}));
    expect_sample(of_packets);
    expect_sample(of_frames);
    expect_sample(of_pieces);
}

} // namespace
} // namespace rtspproxy::delivery::tests
