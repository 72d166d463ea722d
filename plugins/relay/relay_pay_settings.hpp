// RelayPaySettings: the properties of rtprelaypay, as its working part and its caps take them.
#pragma once

#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <cstdint>
#include <optional>

namespace rtspproxy::relay {

// What a user of the element may set; see the properties of rtprelaypay for meanings and units.
struct RelayPaySettings {
    Ref<GstCaps> caps;                     // known before the back end is connected; may be empty
    std::optional<std::uint32_t> ssrc;     // empty: the back end's first
    std::optional<std::uint16_t> sequence; // of the first packet; empty: the back end's
    std::optional<std::uint32_t> timestamp;
    std::optional<std::uint8_t> payload_type; // empty: as in the caps
    guint mtu = 1400;
    guint group_timeout_ms = 5;
    guint key_frame_timeout_ms = 10000;
    bool swallow_eos = true;
    bool clean_start = false;
};

} // namespace rtspproxy::relay
