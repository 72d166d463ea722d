#include "app/delivery/buffers.hpp"

#include "plugins/rtp/packet.hpp"
#include "plugins/support/boxed.hpp"

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

void add_packet(GstBufferList* list, const std::shared_ptr<const void>& keeper,
                std::span<const std::uint8_t> packet) {
    gst_buffer_list_add(
        list, gst_buffer_new_wrapped_full(
                  GST_MEMORY_FLAG_READONLY, const_cast<std::uint8_t*>(packet.data()), packet.size(),
                  0, packet.size(), box(keeper), free_box<std::shared_ptr<const void>>));
}

} // namespace

CopiedUnit copy_unit(GstPadProbeInfo* info, std::uint8_t channel) {
    std::size_t packets = 0;
    std::size_t bytes = 0;
    for_each_buffer(info, [&](GstBuffer* buffer) {
        ++packets;
        bytes += gst_buffer_get_size(buffer);
    });
    auto unit = std::make_shared<AccessUnit>(packets, bytes, channel);
    for_each_buffer(info, [&unit](GstBuffer* buffer) {
        with_bytes(buffer, [&unit](std::span<const std::uint8_t> packet) { unit->add(packet); });
    });
    if (unit->packets() == 0)
        return {};
    return {std::move(unit),
            !GST_BUFFER_FLAG_IS_SET(first_buffer(info), GST_BUFFER_FLAG_DELTA_UNIT)};
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

void reduce_to_sample(GstPadProbeInfo* info) {
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
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
            if (packet.size() > 0xffff)
                return;
            std::vector<std::uint8_t> framed{'$', 0, static_cast<std::uint8_t>(packet.size() >> 8),
                                             static_cast<std::uint8_t>(packet.size())};
            framed.insert(framed.end(), packet.begin(), packet.end());
            packets.push_back(std::make_shared<const std::vector<std::uint8_t>>(std::move(framed)));
        });
    });
    return packets;
}

Ref<GstBufferList> buffers_of(const Piece& piece) {
    auto list = Ref<GstBufferList>::adopt(gst_buffer_list_new());
    for (auto rest = piece.bytes; rest.size() > kFrameHeaderSize;) {
        const std::size_t length = rtp::read_u16(rest, 2);
        add_packet(list.get(), piece.keeper, rest.subspan(kFrameHeaderSize, length));
        rest = rest.subspan(kFrameHeaderSize + length);
    }
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
