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

UnitSize size_of(GstPadProbeInfo* info) {
    UnitSize size;
    for_each_buffer(info, [&](GstBuffer* buffer) {
        ++size.packets;
        size.bytes += gst_buffer_get_size(buffer);
    });
    return size;
}

CopiedUnit copy_unit(GstPadProbeInfo* info, std::uint8_t channel, rtp::Codec codec) {
    const UnitSize size = size_of(info);
    auto unit = std::make_shared<AccessUnit>(size.packets, size.bytes, channel);
    CopiedUnit result;
    for_each_buffer(info, [&](GstBuffer* buffer) {
        with_bytes(buffer, [&](std::span<const std::uint8_t> packet) {
            if (!unit->add(packet) || result.has_key_frame)
                return;
            if (const auto view = rtp::PacketView::parse(packet))
                result.has_key_frame = rtp::starts_key_frame(codec, view->payload());
        });
    });
    if (unit->packets() > 0)
        result.unit = std::move(unit);
    return result;
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
