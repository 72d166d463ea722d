// Between GStreamer's buffers and the delivery's access units.
#pragma once

#include "app/delivery/access_unit.hpp"
#include "app/delivery/receiver.hpp"
#include "plugins/rtp/key_frame.hpp"
#include "plugins/support/ref.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace rtspproxy::delivery {

struct UnitSize {
    std::size_t packets = 0;
    std::size_t bytes = 0;
};
// Of what a pad probe sees, a buffer or a list.
[[nodiscard]] UnitSize size_of(GstPadProbeInfo* info);

struct CopiedUnit {
    std::shared_ptr<AccessUnit> unit; // null if there is no packet in it
    bool has_key_frame = false;
};
// Copies the packets of what a pad probe sees.
[[nodiscard]] CopiedUnit copy_unit(GstPadProbeInfo* info, std::uint8_t channel, rtp::Codec codec);
// The RTCP packets of what a pad probe sees, one each.
[[nodiscard]] std::vector<RtcpPtr> copy_rtcp(GstPadProbeInfo* info);

// The packets of interleaved frames as buffers that lend their bytes from `piece`.
[[nodiscard]] Ref<GstBufferList> buffers_of(const Piece& piece);
// The packets of access units, one behind the other.
[[nodiscard]] Ref<GstBufferList> buffers_of(const std::vector<AccessUnitPtr>& units);

} // namespace rtspproxy::delivery
