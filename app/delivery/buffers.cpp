#include "app/delivery/buffers.hpp"

#include "plugins/rtp/frames.hpp"
#include "plugins/support/boxed.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::delivery {
namespace {

template <class Function>
void for_each_buffer(GstPadProbeInfo* info, Function function) {
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) == 0) {
        function(GST_PAD_PROBE_INFO_BUFFER(info));
        return;
    }
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    const guint length = gst_buffer_list_length(list);
    for (guint i = 0; i < length; ++i)
        function(gst_buffer_list_get(list, i));
}

// Nothing between payloader and sinks looks at it.
constexpr auto kSampleFlag = GST_BUFFER_FLAG_DROPPABLE;

GstBuffer* first_buffer(GstPadProbeInfo* info) {
    return (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) == 0
               ? GST_PAD_PROBE_INFO_BUFFER(info)
               : gst_buffer_list_get(GST_PAD_PROBE_INFO_BUFFER_LIST(info), 0);
}

template <class Function>
void with_bytes(GstBuffer* buffer, Function function) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    function(std::span<const std::uint8_t>(map.data, map.size));
    gst_buffer_unmap(buffer, &map);
}

// Frames are left where they are if what they keep by that is at most so many times their size.
// Small ones cost little to copy; else sound, which is cached for longer than pictures, would keep
// all the pictures that were read along with it.
constexpr std::size_t kMostKept = 8;

// Where all frames of the list are, if each buffer's lie behind those of the one before it; empty
// if not, or if they keep too much.
std::span<std::uint8_t> one_piece(GstBufferList* list) {
    std::span<std::uint8_t> whole;
    std::size_t kept = 0;
    for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
        GstBuffer* buffer = gst_buffer_list_get_writable(list, i);
        GstMapInfo map;
        if (gst_buffer_n_memory(buffer) != 1 || !gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
            return {};
        gst_buffer_unmap(buffer, &map); // system memory stays where it is
        gsize maximal = 0;
        gst_memory_get_sizes(gst_buffer_peek_memory(buffer, 0), nullptr, &maximal);
        kept = std::max(kept, maximal);
        if (i == 0)
            whole = {map.data, map.size};
        else if (whole.data() + whole.size() == map.data)
            whole = {whole.data(), whole.size() + map.size};
        else
            return {};
    }
    return kept <= kMostKept * whole.size() ? whole : std::span<std::uint8_t>();
}

// The frames as they are, not copied; nothing if one_piece() finds none.
std::shared_ptr<AccessUnit> adopt_frames(GstPadProbeInfo* info, std::uint8_t channel) {
    GstBufferList* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
    info->data = list;
    const auto frames = one_piece(list);
    if (frames.empty())
        return nullptr;
    // Not the list, if a memory is all there is in it.
    GstMiniObject* kept =
        gst_buffer_list_length(list) == 1
            ? GST_MINI_OBJECT_CAST(gst_buffer_get_memory(gst_buffer_list_get(list, 0), 0))
            : GST_MINI_OBJECT_CAST(gst_buffer_list_ref(list));
    AccessUnit::Keeper keeper(
        kept, [](void* object) { gst_mini_object_unref(static_cast<GstMiniObject*>(object)); });
    return std::make_shared<AccessUnit>(frames, channel, std::move(keeper));
}

std::shared_ptr<AccessUnit> copy_unit(GstPadProbeInfo* info, std::uint8_t channel) {
    std::size_t packets = 0;
    std::size_t bytes = 0;
    for_each_buffer(info, [&](GstBuffer* buffer) {
        ++packets;
        bytes += gst_buffer_get_size(buffer);
    });
    auto unit = std::make_shared<AccessUnit>(packets, bytes, channel);
    for_each_buffer(info, [&unit](GstBuffer* buffer) {
        with_bytes(buffer, [&unit](std::span<const std::uint8_t> packet) {
            if (!rtp::is_framed(packet)) {
                unit->add(packet);
                return;
            }
            rtp::for_each_frame(packet, [&unit](std::span<const std::uint8_t> frame) {
                unit->add(frame.subspan(rtp::kFrameHeaderSize));
            });
        });
    });
    return unit;
}

void add_packet(GstBufferList* list, const std::shared_ptr<const void>& keeper,
                std::span<const std::uint8_t> packet) {
    gst_buffer_list_add(
        list, gst_buffer_new_wrapped_full(
                  GST_MEMORY_FLAG_READONLY, const_cast<std::uint8_t*>(packet.data()), packet.size(),
                  0, packet.size(), box(keeper), free_box<std::shared_ptr<const void>>));
}

// Packets instead of the list of frames: of its time, and flagged as it was.
void replace_frames(GstPadProbeInfo* info, Ref<GstBufferList> packets) {
    const auto frames = Ref<GstBufferList>::adopt(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
    for (guint i = 0; i < gst_buffer_list_length(packets.get()); ++i)
        gst_buffer_copy_into(
            gst_buffer_list_get(packets.get(), i), gst_buffer_list_get(frames.get(), 0),
            static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0,
            gsize(-1));
    info->data = packets.release();
}

} // namespace

TakenUnit take_unit(GstPadProbeInfo* info, std::uint8_t channel) {
    TakenUnit taken;
    taken.has_key_frame = !GST_BUFFER_FLAG_IS_SET(first_buffer(info), GST_BUFFER_FLAG_DELTA_UNIT);
    taken.has_picture = !GST_BUFFER_FLAG_IS_SET(first_buffer(info), GST_BUFFER_FLAG_HEADER);
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) // rtprelaypay has frames in lists only
        with_bytes(first_buffer(info), [&taken](std::span<const std::uint8_t> bytes) {
            taken.framed = rtp::is_framed(bytes);
        });
    if (taken.framed)
        taken.unit = adopt_frames(info, channel);
    if (!taken.unit)
        taken.unit = copy_unit(info, channel);
    if (taken.unit->packets() == 0)
        taken.unit.reset();
    return taken;
}

void unframe(GstPadProbeInfo* info, const AccessUnitPtr& unit) {
    replace_frames(info, buffers_of(std::vector{unit}));
}

void edit_buffers(GstPadProbeInfo* info, const std::function<void(GstBuffer*)>& function) {
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) == 0) {
        GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
        function(buffer);
        info->data = buffer;
        return;
    }
    GstBufferList* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
    for (guint i = 0; i < gst_buffer_list_length(list); ++i)
        function(gst_buffer_list_get_writable(list, i));
    info->data = list;
}

void reduce_to_sample(GstPadProbeInfo* info, const TakenUnit& taken) {
    if (taken.framed) {
        auto last = Ref<GstBufferList>::adopt(gst_buffer_list_new_sized(1));
        add_packet(last.get(), taken.unit, taken.unit->last_packet());
        replace_frames(info, std::move(last));
    } else if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
        GstBufferList* list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        gst_buffer_list_remove(list, 0, gst_buffer_list_length(list) - 1);
        info->data = list;
    }
    edit_buffers(info, [](GstBuffer* buffer) { GST_BUFFER_FLAG_SET(buffer, kSampleFlag); });
}

bool is_sample(GstPadProbeInfo* info) {
    return GST_BUFFER_FLAG_IS_SET(first_buffer(info), kSampleFlag);
}

std::vector<RtcpPtr> copy_rtcp(GstPadProbeInfo* info) {
    std::vector<RtcpPtr> packets;
    for_each_buffer(info, [&](GstBuffer* buffer) {
        with_bytes(buffer, [&](std::span<const std::uint8_t> packet) {
            if (packet.size() > rtp::kMaxFramed)
                return;
            std::vector<std::uint8_t> framed(rtp::kFrameHeaderSize);
            rtp::write_frame_header(framed, 0, packet.size());
            framed.insert(framed.end(), packet.begin(), packet.end());
            packets.push_back(std::make_shared<const std::vector<std::uint8_t>>(std::move(framed)));
        });
    });
    return packets;
}

Ref<GstBufferList> buffers_of(const Piece& piece) {
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    rtp::for_each_frame(piece.bytes, [&](std::span<const std::uint8_t> frame) {
        add_packet(list.get(), piece.keeper, frame.subspan(rtp::kFrameHeaderSize));
    });
    return list;
}

Ref<GstBufferList> buffers_of(const std::vector<AccessUnitPtr>& units) {
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    for (const AccessUnitPtr& unit : units)
        unit->for_each_packet(
            [&](std::span<const std::uint8_t> packet) { add_packet(list.get(), unit, packet); });
    return list;
}

} // namespace rtspproxy::delivery
