// RtspSource: one rtspsrc with what the proxy wants of it: credentials, our jitter buffer, the SDP,
// its errors in words, its messages for the log.
#pragma once

#include "app/backend/dialogue.hpp"
#include "app/backend/event.hpp"
#include "app/backend/exchange/memory.hpp"
#include "app/backend/exchange/refusals.hpp"
#include "app/backend/session_form.hpp"
#include "app/backend/statistics.hpp"
#include "app/backend/tap/inlet.hpp"
#include "app/backend/tap/ledger.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"
#include "plugins/support/signal.hpp"

#include <gst/gst.h>
#include <gst/rtsp/rtsp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::backend {

// Of the m= section that a pad of rtspsrc's belongs to: "recv_rtp_src_<track>_<SSRC>_<payload
// type>" or "stream_<track>".
[[nodiscard]] std::optional<unsigned> track_of_pad(const char* name);

class RtspSource {
  public:
    // `element` is the rtspsrc. `memory` is the back end's. `on_event` is called in rtspsrc's
    // threads.
    RtspSource(Ref<GstElement> element, const settings::BackendSettings& settings,
               std::shared_ptr<exchange::Memory> memory, EventHandler on_event);
    RtspSource(const RtspSource&) = delete;
    RtspSource& operator=(const RtspSource&) = delete;
    ~RtspSource();

    // Events carry this number from now on. While the element is stopped.
    void set_attempt(Attempt attempt);
    // Where it connects to, and as whom: its own settings, or what these became by a redirect.
    // Without `multicast` UDP is unicast, whatever the SDP says. While the element is stopped.
    void set_target(const settings::BackendSettings& target, settings::Transport transport,
                    bool multicast = false);
    // Do not set anything up: the SDP is all that is wanted. While the element is stopped.
    void describe_only() { describe_only_ = true; }

    // Its RTP may go to the payloaders directly (tap/) from the next start on, until stop().
    void open_taps() { ledger_->open.store(true); }
    // Where the RTP of the m= sections goes; otherwise it stays in the element. While it is
    // stopped.
    void set_outlets(TrackOutletOf outlet_of) { outlet_of_ = std::move(outlet_of); }
    // Ends the threads that opened the way of UDP packets, once these come. On the strand.
    void retire_openers();
    // Blocks until the back end was told goodbye (at most 100 ms) and all threads of it are gone.
    void stop();
    // If an attempt to open the stream has failed, or was to fail: waits until rtspsrc is through
    // with it (some milliseconds). Before it is stopped, on the strand.
    void settle();
    // Whether the message is from this source; an error in it becomes an event. Any thread.
    bool take_message(GstMessage* message);
    void report_ended(); // every track ended. Any thread
    // See Dialogue.
    [[nodiscard]] std::optional<std::chrono::milliseconds> keep_alive_interval() {
        return dialogue_.keep_alive_interval();
    }
    void keep_alive() { dialogue_.keep_alive(); } // on the strand
    // Losses and reorderings of all connections so far. Any thread.
    [[nodiscard]] TrafficIn losses();
    // Packets of this connection that could not be decrypted. Any thread.
    [[nodiscard]] std::uint64_t undecryptable();

    [[nodiscard]] GstElement* element() const { return element_.get(); }

  private:
    // The opening of the stream, from rtspsrc's progress messages.
    struct Opening {
        std::mutex mutex;
        std::condition_variable ended;
        bool under_way = false;
        bool failing = false;
    };
    struct Buffers {
        std::vector<Ref<GstElement>> current; // the rtprelaybuffers of this connection
        TrafficIn past;                       // what those of earlier ones counted
    };

    void connect_signals();
    void remove_pads();
    GstElement* make_buffer();
    void on_sdp(GstSDPMessage& sdp);
    void on_error(GstMessage* message);
    void on_redirect(const Result<std::string>& url);
    void on_progress(GstMessage* message);
    void opening_fails();
    void report(Failure failure, std::string reason);

    const Ref<GstElement> element_;
    const std::chrono::milliseconds latency_;
    std::string url_; // on the strand
    const EventHandler on_event_;
    bool describe_only_ = false;
    std::atomic<Attempt> attempt_{0};
    Guarded<Buffers> buffers_;
    const std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
    TrackOutletOf outlet_of_;
    SessionForm form_; // before the dialogue, which sees requests as the form makes them
    Opening opening_;
    Dialogue dialogue_;
    SignalConnection on_sdp_, select_stream_, new_manager_;
};

} // namespace rtspproxy::backend
