// Caps of RTP streams, as far as rtprelaypay reads and writes them.
#pragma once

#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <optional>

namespace rtspproxy::relay {

struct RelayPaySettings;

// 0 if there is none.
[[nodiscard]] std::uint32_t clock_rate_of(const GstStructure* structure);
[[nodiscard]] std::optional<std::uint8_t> payload_type_of(const GstStructure* structure);
// The back end's caps without what belongs to one session with it only.
[[nodiscard]] Ref<GstCaps> output_caps(const GstCaps* input, const RelayPaySettings& settings);

} // namespace rtspproxy::relay
