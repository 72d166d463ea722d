// How gst-rtsp-server's types are counted (see plugins/support/ref.hpp).
#pragma once

#include "plugins/support/ref.hpp"

#include <gst/rtsp-server/rtsp-server.h>

namespace rtspproxy {

template <>
struct RefTraits<GstRTSPServer> : GObjectRefTraits<GstRTSPServer> {};
template <>
struct RefTraits<GstRTSPClient> : GObjectRefTraits<GstRTSPClient> {};
template <>
struct RefTraits<GstRTSPAuth> : GObjectRefTraits<GstRTSPAuth> {};
template <>
struct RefTraits<GstRTSPMedia> : GObjectRefTraits<GstRTSPMedia> {};
template <>
struct RefTraits<GstRTSPMediaFactory> : GObjectRefTraits<GstRTSPMediaFactory> {};
template <>
struct RefTraits<GstRTSPMountPoints> : GObjectRefTraits<GstRTSPMountPoints> {};
template <>
struct RefTraits<GstRTSPSession> : GObjectRefTraits<GstRTSPSession> {};
template <>
struct RefTraits<GstRTSPSessionMedia> : GObjectRefTraits<GstRTSPSessionMedia> {};
template <>
struct RefTraits<GstRTSPSessionPool> : GObjectRefTraits<GstRTSPSessionPool> {};
template <>
struct RefTraits<GstRTSPStreamTransport> : GObjectRefTraits<GstRTSPStreamTransport> {};
template <>
struct RefTraits<GstRTSPThreadPool> : GObjectRefTraits<GstRTSPThreadPool> {};

} // namespace rtspproxy
