// unique_ptr types for handles that are owned by one place and not counted.
#pragma once

#include <glib.h>
#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>
#include <gst/sdp/sdp.h>

#include <memory>

namespace rtspproxy {

// A stateless deleter that calls one C function, e.g. std::unique_ptr<GError,
// Deleter<g_error_free>>.
template <auto Function>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const {
        Function(pointer);
    }
};

using GErrorPtr = std::unique_ptr<GError, Deleter<g_error_free>>;
using GCharPtr = std::unique_ptr<char, Deleter<g_free>>;
using StructurePtr = std::unique_ptr<GstStructure, Deleter<gst_structure_free>>;
using SdpMessagePtr = std::unique_ptr<GstSDPMessage, Deleter<gst_sdp_message_free>>;
using RtspUrlPtr = std::unique_ptr<GstRTSPUrl, Deleter<gst_rtsp_url_free>>;

} // namespace rtspproxy
