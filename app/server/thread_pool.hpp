// A GstRTSPThreadPool that runs the buses of all media in one thread: stock, each media has its
// own. Nothing that media do in it waits for a camera, see backend/ingest.hpp.
#pragma once

#include "app/delivery/server_refs.hpp"

namespace rtspproxy::server {

[[nodiscard]] Ref<GstRTSPThreadPool> make_thread_pool();

} // namespace rtspproxy::server
