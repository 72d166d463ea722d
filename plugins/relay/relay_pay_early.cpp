// RelayPay: what comes before the way is open.
#include "plugins/relay/relay_pay.hpp"
#include "plugins/support/element.hpp"

#include <utility>

namespace rtspproxy::relay {

// The pad of a server blocks until somebody plays, which takes about as long as the back end needs
// to begin: what it sent first is what a viewer wants to see first.
void RelayPay::keep_early(Ref<GstBuffer> buffer, std::uint64_t now) {
    using Description = EarlyPackets<Ref<GstBuffer>>::Description;
    GstMapInfo map;
    std::optional<Description> what;
    if (gst_buffer_map(buffer.get(), &map, GST_MAP_READ) != FALSE) {
        const std::span<const std::uint8_t> bytes(map.data, map.size);
        if (const auto run = run_of(bytes)) {
            what = {run->packets, bytes.size(), run->timestamp, false, false};
            for_each_packet(bytes, [&](const rtp::PacketView& packet) {
                if (!is_main(packet.payload_type()))
                    return;
                what->key_frame =
                    what->key_frame || rtp::starts_key_frame(format_.codec, packet.payload());
                what->picture =
                    what->picture || rtp::carries_picture(format_.codec, packet.payload());
            });
        }
        gst_buffer_unmap(buffer.get(), &map);
    }
    if (!what) {
        dropped_malformed_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    arrived(now);
    dropped_preroll_.fetch_add(run_settings_.clean_start ? early_.add(std::move(buffer), *what, now)
                                                         : what->packets,
                               std::memory_order_relaxed);
}

void RelayPay::pass_early(std::uint64_t now) {
    dropped_preroll_.fetch_add(
        early_.take(now, [&](Ref<GstBuffer> buffer) { pass(std::move(buffer), now); }),
        std::memory_order_relaxed);
}

} // namespace rtspproxy::relay
