// Ingest: the receiving half of one shared media, i.e. an rtspsrc that comes and goes and the relay
// payloaders that stay, in the bin which the media factory gives to gst-rtsp-server.
//
// The rtspsrc's state is not the media's: it is locked and changed on the back end's strand only,
// so that no client's thread ever waits for a camera.
#pragma once

#include "app/backend/rtsp_source.hpp"
#include "app/backend/track.hpp"
#include "plugins/rtp/sender_report.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/strand.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace rtspproxy::backend {

class Ingest : public std::enable_shared_from_this<Ingest> {
  public:
    // `bin` holds an rtspsrc named "backend" (as parsed from the launch line); one rtprelaypay a
    // track, pay0, pay1, …, is added to it. Null if there is no such element.
    static std::shared_ptr<Ingest>
    create(GstElement* bin, const settings::BackendSettings& settings, const Tracks& tracks,
           std::shared_ptr<exchange::Memory> memory, Strand strand, EventHandler on_event);
    ~Ingest();
    Ingest(const Ingest&) = delete;
    Ingest& operator=(const Ingest&) = delete;

    // Any thread; carried out on the strand.
    void play(const Command& command,
              const settings::BackendSettings& target); // see RtspSource::set_target()
    void stop();
    // The media ends: stops for good and takes the rtspsrc out of its bin.
    void detach();
    void keep_alive(); // see Dialogue
    [[nodiscard]] std::optional<std::chrono::milliseconds> keep_alive_interval() {
        return source_.keep_alive_interval();
    }
    // Stops, and ends the outgoing streams: clients get an RTCP BYE.
    void say_goodbye();

    // Takes the messages of rtspsrc and of the payloaders; true if the media must not see it. Any
    // thread.
    bool take_message(GstMessage* message);
    struct TrackReading {
        std::uint64_t packets = 0;
        std::int64_t last_packet = 0; // g_get_monotonic_time() of the newest; 0: none yet
        std::uint64_t source_changes = 0, foreign_dropped = 0;
    };
    struct Reading {
        TrafficIn traffic;            // since the media was made
        std::int64_t last_packet = 0; // of any track
        std::uint64_t undecryptable = 0; // packets of this connection
        std::vector<TrackReading> tracks;
    };
    // Asks each element for its statistics, which costs some microseconds. Any thread.
    [[nodiscard]] Reading read();
    // What the back end's sender reports say of a track's outgoing timestamps; nothing if there was
    // none yet. Any thread.
    [[nodiscard]] std::optional<rtp::ClockMapping> camera_clock(std::size_t track) const;
    [[nodiscard]] const Tracks& tracks() const { return tracks_; }

  private:
    struct Progress {
        Attempt attempt = 0;
        bool flowing = false;
        std::vector<bool> linked, ended; // by track
        // Which of the tracks rtspsrc's streams are, by their numbers; it may be none of them.
        std::vector<std::optional<std::size_t>> places;
        std::vector<std::shared_ptr<TrackOutlet>> outlets;
    };

    Ingest(GstElement* bin, Ref<GstElement> element, const settings::BackendSettings& settings,
           const Tracks& tracks, std::shared_ptr<exchange::Memory> memory, Strand strand,
           EventHandler on_event);
    void add_payloaders(GstElement* bin);
    void learn(const Event& event);
    [[nodiscard]] std::optional<std::size_t> place_of(unsigned stream);
    [[nodiscard]] Ref<GstPad> sink_of(std::size_t position) const;
    [[nodiscard]] std::shared_ptr<TrackOutlet> make_outlet(unsigned track);
    void link(GstPad* pad);
    void await_silence();
    void check_goodbyes(Attempt attempt);
    void track_flows();
    void track_ended(GstObject* payloader);

    const Tracks tracks_;
    const EventHandler on_event_;
    Strand strand_;
    std::vector<Ref<GstElement>> payloaders_;
    std::vector<std::shared_ptr<TrackLedger>> track_ledgers_;
    const Ref<GstElement> bin_;
    std::atomic<bool> detached_{false};
    Guarded<Progress> progress_;
    RtspSource source_;
    SignalConnection pad_added_;
};

} // namespace rtspproxy::backend
