#include "tests/element/relay/packet.hpp"

#include <algorithm>

namespace rtspproxy::tests {

Bytes bytes_of(const Packet& packet) {
    Bytes bytes(rtp::kFixedHeaderSize + packet.payload.size());
    bytes[0] = 0x80;
    bytes[1] = static_cast<std::uint8_t>((packet.marker ? 0x80U : 0U) | packet.payload_type);
    rtp::write_u16(bytes, 2, packet.sequence);
    rtp::write_u32(bytes, 4, packet.timestamp);
    rtp::write_u32(bytes, 8, packet.ssrc);
    std::ranges::copy(packet.payload, bytes.begin() + rtp::kFixedHeaderSize);
    return bytes;
}

Packet packet_of(const Bytes& bytes) {
    const auto view = rtp::PacketView::parse(bytes);
    if (!view)
        return {};
    return {view->sequence(), view->timestamp(),
            view->marker(),   Bytes(view->payload().begin(), view->payload().end()),
            view->ssrc(),     view->payload_type()};
}

Ref<GstBuffer> buffer_of(const Bytes& bytes) {
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, bytes.size(), nullptr));
    gst_buffer_fill(buffer.get(), 0, bytes.data(), bytes.size());
    return buffer;
}

Bytes bytes_of(GstBuffer* buffer) {
    Bytes bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    return bytes;
}

} // namespace rtspproxy::tests
