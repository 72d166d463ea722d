// RelayMedia: the shared media of a mount, fed by an Ingest.
#pragma once

#include "app/backend/backend.hpp"
#include "app/delivery/media_fanout.hpp"
#include "app/delivery/server_refs.hpp"

#include <memory>

namespace rtspproxy::server {

[[nodiscard]] GType relay_media_get_type();

// Once, while the media is configured: from then on it carries its back end's receiving half.
void attach(GstRTSPMedia* media, std::shared_ptr<backend::Backend> backend,
            std::shared_ptr<backend::Ingest> ingest, std::shared_ptr<delivery::MediaFanout> fanout);

// Lets go of a media that is held prepared; it ends with its last client.
void release_media(GstRTSPMedia* media);

// The back end that a media is fed by; null if it is not a RelayMedia. Any thread.
[[nodiscard]] std::shared_ptr<backend::Backend> backend_of(GstRTSPMedia* media);

// What gives its packets to clients; null if it is not a RelayMedia. Any thread.
[[nodiscard]] std::shared_ptr<delivery::MediaFanout> fanout_of(GstRTSPMedia* media);

} // namespace rtspproxy::server
