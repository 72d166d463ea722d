// DescribeProbe: asks a back end for its SDP and nothing more: no SETUP, so no session there.
#pragma once

#include "app/backend/rtsp_source.hpp"

#include <memory>

namespace rtspproxy::backend {

class DescribeProbe {
  public:
    // Null if GStreamer cannot make the pipeline (reported as an event).
    static std::unique_ptr<DescribeProbe> create(const settings::BackendSettings& settings,
                                                 std::shared_ptr<exchange::Memory> memory,
                                                 EventHandler on_event);
    ~DescribeProbe();

    // On the back end's strand: both may block.
    void start(Attempt attempt, settings::Transport transport);
    void stop();

  private:
    DescribeProbe(Ref<GstElement> pipeline, std::unique_ptr<RtspSource> source,
                  const settings::BackendSettings& settings);

    const Ref<GstElement> pipeline_;
    const std::unique_ptr<RtspSource> source_;
    const settings::BackendSettings settings_;
};

} // namespace rtspproxy::backend
