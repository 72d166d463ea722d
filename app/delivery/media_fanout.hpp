// MediaFanout: takes the packets of one shared media as they leave its payloaders and gives them to
// the clients over TCP. What clients over UDP get goes on to the sinks that gst-rtsp-server made.
//
// While nobody takes UDP the media's rtpbin is shown only a packet now and then: enough for its
// session to go on, to know the stream's clock and to make sender reports, whose counts are set
// here. So a client over TCP costs no RTP session, appsink, queue or thread.
#pragma once

#include "app/delivery/report_desk.hpp"
#include "app/delivery/track_fanout.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/weak_ref.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::delivery {

class MediaFanout : public std::enable_shared_from_this<MediaFanout> {
  public:
    // One format a track, in the order of the media's streams.
    MediaFanout(const std::vector<TrackFanout::Format>& formats,
                const TrackFanout::Options& options);

    // Once, before the media is prepared; what it attaches keeps this alive.
    void attach_to_payloaders(GstElement* bin); // pay0, pay1, …
    void attach_to_pipeline(GstElement* pipeline);
    void attach_to_rtpbin(GstElement* rtpbin);

    // any thread
    [[nodiscard]] std::size_t size() const { return tracks_.size(); }
    [[nodiscard]] TrackFanout& track(std::size_t index) { return *tracks_[index]; }
    // What the clients of a track say of it.
    [[nodiscard]] const std::shared_ptr<ReportDesk>& reports(std::size_t index) const {
        return reports_[index];
    }
    // What was kept for clients that join is out of date.
    void forget_pictures();
    // A client over UDP is about to be added to a track's sink, which may not exist yet: that shall
    // collect what comes for it until burst_udp() tells where it begins.
    void hold_udp(std::size_t index, const std::string& host, int port);
    // It was added, or is not going to be.
    void release_udp(std::size_t index, const std::string& host, int port);
    void burst_udp(std::size_t index, const std::string& host, int port,
                   const TrackFanout::Joined& joined);

  private:
    struct Hold {
        std::string host;
        int port = 0;
        bool operator==(const Hold&) const = default;
    };
    // Of clients whose track has no sink yet. A sink that is made meanwhile is told of all: which
    // track's it is shows only later.
    struct Holding {
        std::vector<Hold> holds;
        std::vector<std::shared_ptr<WeakRef<GstElement>>> told;
    };

    void on_element_added(GstElement* element);
    [[nodiscard]] Ref<GstElement> udp_sink(std::size_t index);

    std::vector<std::unique_ptr<TrackFanout>> tracks_;
    std::vector<std::shared_ptr<ReportDesk>> reports_; // one a track
    Guarded<Holding> holding_;
    std::unique_ptr<WeakRef<GstElement>> rtpbin_; // which keeps this
};

} // namespace rtspproxy::delivery
