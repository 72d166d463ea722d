// Which tracks of a back end that came back go on as which.
#pragma once

#include "app/backend/track.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace rtspproxy::backend {

// For each track of `served` the position of the one in `offered` that clients can go on with:
// first by all that decoders need (media, encoding, clock rate, channels, format parameters), then
// by what may not change, and by position among equals. Nothing unless each track of both has one.
//
// Payload types may differ: the relay rewrites them. So may the parameter sets of video, which are
// repeated in the stream.
[[nodiscard]] std::optional<std::vector<std::size_t>> matched(const Tracks& served,
                                                              const Tracks& offered);

// Whether a client that got the SDP of `served` can go on with `offered`.
[[nodiscard]] bool compatible(const Tracks& served, const Tracks& offered);

// The offered tracks in the order of those served; as they are if clients cannot go on.
[[nodiscard]] Tracks arranged(const Tracks& served, const Tracks& offered);

// Whether new clients would get the same SDP.
[[nodiscard]] bool same(const Tracks& left, const Tracks& right);

// The tracks of a media that was made for `served`, as new clients are told of them now that the
// back end offers `offered`: with its new sections, if it is compatible. A track whose payload type
// has changed keeps its old section, because its media keeps the old payload type.
[[nodiscard]] Tracks renewed(const Tracks& served, const Tracks& offered);

} // namespace rtspproxy::backend
