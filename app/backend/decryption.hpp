// Decryption: what there is to know of SRTP from back ends, which rtspsrc decrypts with the
// elements of the plugin srtp.
#pragma once

#include <gst/gst.h>

#include <cstdint>

namespace rtspproxy::backend {

// Whether the plugin is there.
[[nodiscard]] bool can_decrypt();

// Packets that this rtspsrc could not decrypt since it started.
[[nodiscard]] std::uint64_t undecryptable_packets(GstElement* source);

} // namespace rtspproxy::backend
