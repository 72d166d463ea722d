// MediaFanout: takes the packets of one shared media at the end of its rtpbin and gives them to the
// clients over TCP. What clients over UDP get goes on to the sinks that gst-rtsp-server made.
//
// The probe sits behind the rtpbin, so that its sessions count what was sent and make the sender
// reports, and before the tee, so that a client over TCP costs no appsink, queue or thread.
#pragma once

#include "app/delivery/track_fanout.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/weak_ref.hpp"

#include <memory>
#include <vector>

namespace rtspproxy::delivery {

class MediaFanout : public std::enable_shared_from_this<MediaFanout> {
  public:
    // One format a track, in the order of the media's streams.
    MediaFanout(const std::vector<TrackFanout::Format>& formats, std::size_t cache_bytes);

    // Once, before the media is prepared; what it attaches keeps this alive.
    void attach_to_pipeline(GstElement* pipeline);
    void attach_to_rtpbin(GstElement* rtpbin);

    // any thread
    [[nodiscard]] std::size_t size() const { return tracks_.size(); }
    [[nodiscard]] TrackFanout& track(std::size_t index) { return *tracks_[index]; }
    // What was kept for clients that join is out of date.
    void forget_pictures();
    // The element that sends a track's RTP by UDP; null if there is none yet.
    [[nodiscard]] Ref<GstElement> udp_sink(std::size_t index);

  private:
    void watch(GstPad* pad);

    std::vector<std::unique_ptr<TrackFanout>> tracks_;
    std::unique_ptr<WeakRef<GstElement>> rtpbin_; // which keeps this
};

} // namespace rtspproxy::delivery
