// GStreamer's own client: rtspsrc, with the packets of every track kept before they are
// depayloaded.
#pragma once

#include "plugins/support/ref.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/rtp_record.hpp"

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

class GstPlayer {
  public:
    // `protocols` as of rtspsrc: "tcp", "udp", "http", "udp-mcast", "udp+tcp".
    GstPlayer(const std::string& url, const std::string& protocols);
    ~GstPlayer();
    GstPlayer(const GstPlayer&) = delete;
    GstPlayer& operator=(const GstPlayer&) = delete;

    [[nodiscard]] bool wait_tracks(std::size_t count, Clock::duration patience = kPatience);
    [[nodiscard]] bool wait_packets(std::size_t count, std::size_t track = 0,
                                    Clock::duration patience = kPatience);
    // Tracks are in the order in which their first packets came.
    [[nodiscard]] std::vector<RtpRecord> packets(std::size_t track = 0);
    // "H264", "MPEG4-GENERIC", …
    [[nodiscard]] std::string encoding(std::size_t track);
    // The first error message of the pipeline.
    [[nodiscard]] std::optional<std::string> error();

  private:
    struct Track {
        std::string encoding;
        PacketLog log;
    };
    void add_pad(GstPad* pad);
    [[nodiscard]] std::shared_ptr<Track> track(std::size_t index);

    Ref<GstElement> pipeline_;
    Guarded<std::vector<std::shared_ptr<Track>>> tracks_;
};

// Hands every packet that passes the pad (alone or in a list) to the log, for as long as both live.
void log_packets(GstPad* pad, std::shared_ptr<PacketLog> log);

} // namespace rtspproxy::tests
