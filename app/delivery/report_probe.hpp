// Takes the RTCP of clients off the pipeline of a shared media, before its RTP sessions see it.
#pragma once

#include "app/delivery/report_desk.hpp"

#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <memory>
#include <vector>

namespace rtspproxy::delivery {

// No packet passes the pad any more: what comes is the desk's, and dropped.
void divert_reports(GstPad* pad, std::shared_ptr<ReportDesk> desk);

// The queue before that, in which gst-rtsp-server puts what comes over RTSP connections. As it is
// made it holds any number of packets while the pipeline is paused; and it has no caps, so that
// those of the sources beside it come behind its segment, which GStreamer warns of.
void prepare_report_queue(GstElement* appsrc);

// As whose the desk of a track gets the packets of this transport's client; empty if they cannot be
// told from others'. For a client over TCP it marks what comes of it from now on. The client's
// thread.
[[nodiscard]] std::vector<ReportDesk::Source> report_sources(GstRTSPStreamTransport* transport);

} // namespace rtspproxy::delivery
