// The Transport header of an answer to SETUP, in the form that rtspsrc reads.
#pragma once

#include <bitset>
#include <string>
#include <string_view>

namespace rtspproxy::backend::exchange {

// Interleaved channels that tracks of the connection have.
using Channels = std::bitset<256>;

// Makes the Transport of an answer one that rtspsrc can read, from what was asked for wherever it
// says nothing or nonsense. `answered` is empty if there was none. rtspsrc (1.22) takes no blanks,
// no parameter twice and no value out of range, and does not deduce the channels.
//
// `taken`: the channels of the tracks that were set up before; the answer's own are added.
[[nodiscard]] std::string mended_transport(std::string_view answered, std::string_view asked,
                                           Channels& taken);

// Whether it asks for, or grants, packets over UDP.
[[nodiscard]] bool is_udp(std::string_view transport);

} // namespace rtspproxy::backend::exchange
