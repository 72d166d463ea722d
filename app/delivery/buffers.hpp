// Between GStreamer's buffers and the delivery's access units.
#pragma once

#include "app/delivery/access_unit.hpp"
#include "app/delivery/receiver.hpp"
#include "plugins/support/ref.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace rtspproxy::delivery {

// What a pad probe behind rtprelaypay sees. Packets are copied, frames in one piece mostly not.
// Frames may not be passed on, but by unframe() or reduce_to_sample().
struct TakenUnit {
    std::shared_ptr<AccessUnit> unit; // null if there is no packet in it
    bool has_key_frame = false;       // as rtprelaypay has marked it
    bool has_picture = true;          // likewise
    bool framed = false;
};
[[nodiscard]] TakenUnit take_unit(GstPadProbeInfo* info, std::uint8_t channel);
// Puts the unit's packets, one buffer each, in the place of the list of frames that it was taken
// of.
void unframe(GstPadProbeInfo* info, const AccessUnitPtr& unit);

// Calls function(buffer) for each buffer of what a pad probe sees, made writable.
void edit_buffers(GstPadProbeInfo* info, const std::function<void(GstBuffer*)>& function);

// Leaves only the last packet of what a pad probe sees, marked; and whether it is such a one.
void reduce_to_sample(GstPadProbeInfo* info, const TakenUnit& taken);
[[nodiscard]] bool is_sample(GstPadProbeInfo* info);

// The RTCP packets of what a pad probe sees, one each.
[[nodiscard]] std::vector<RtcpPtr> copy_rtcp(GstPadProbeInfo* info);

// The packets of interleaved frames as buffers that lend their bytes from `piece`.
[[nodiscard]] Ref<GstBufferList> buffers_of(const Piece& piece);
// The packets of access units, one behind the other.
[[nodiscard]] Ref<GstBufferList> buffers_of(const std::vector<AccessUnitPtr>& units);

} // namespace rtspproxy::delivery
