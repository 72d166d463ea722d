// A GstRTSPThreadPool with two threads: one for the buses of all media, where stock each media has
// its own, and one for all clients. Nothing that they do in them waits for a camera, see
// backend/ingest.hpp.
#pragma once

#include "app/delivery/server_refs.hpp"

#include <memory>

namespace rtspproxy::server {

// gst_rtsp_thread_stop() gives one use of a thread back; the last ends it.
struct StopThread {
    void operator()(GstRTSPThread* thread) const { gst_rtsp_thread_stop(thread); }
};
using ThreadUse = std::unique_ptr<GstRTSPThread, StopThread>;

[[nodiscard]] Ref<GstRTSPThreadPool> make_thread_pool();

} // namespace rtspproxy::server
