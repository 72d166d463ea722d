// RelayFactory: the shared media factory of one mount. Its launch line starts with rtspsrc; the
// relay payloaders are added for the tracks that the back end is known to have, so that a media
// prerolls at once, whatever the camera does.
#pragma once

#include "app/backend/backend.hpp"
#include "app/delivery/server_refs.hpp"

#include <memory>

namespace rtspproxy::server {

// `max_gop_bytes`: see delivery/track_fanout.hpp.
[[nodiscard]] Ref<GstRTSPMediaFactory> make_relay_factory(std::shared_ptr<backend::Backend> backend,
                                                          std::size_t max_gop_bytes);

// main context: the next client gets a new media; the present one is let go as soon as its clients
// are.
void retire_media(GstRTSPMediaFactory* factory);
// The media that clients are given now, if one was made; prepared by the first client, or by
// prepare_media(). Any thread.
[[nodiscard]] Ref<GstRTSPMedia> current_media(GstRTSPMediaFactory* factory);
// Makes and prepares the media without a client. May take some milliseconds; any thread.
void prepare_media(GstRTSPMediaFactory* factory, GstRTSPThreadPool* threads);

// The back end of a mount; null if the factory is not one of ours.
[[nodiscard]] std::shared_ptr<backend::Backend> backend_of_factory(GstRTSPMediaFactory* factory);

} // namespace rtspproxy::server
