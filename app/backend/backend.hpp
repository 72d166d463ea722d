// Backend: one camera and its mount. Owns the supervisor, learns the tracks, starts and stops the
// ingest of the mount's shared media, and says what goes on.
#pragma once

#include "app/backend/describe_probe.hpp"
#include "app/backend/event.hpp"
#include "app/backend/ingest.hpp"
#include "app/backend/presence/prober.hpp"
#include "app/backend/statistics.hpp"
#include "app/backend/supervisor.hpp"
#include "app/backend/track_watch.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/main_loop.hpp"
#include "plugins/support/strand.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rtspproxy::backend {

class Backend : public std::enable_shared_from_this<Backend> {
  public:
    // What the server does for a back end; called in the main context.
    class Listener {
      public:
        virtual ~Listener() = default;
        // Clients of the mount's media cannot go on: end their sessions. New ones get new tracks.
        virtual void on_tracks_replaced(Backend& backend) = 0;
        // Nobody may have asked for the media yet: make it (always-on).
        virtual void on_media_wanted(Backend& backend) = 0;
        // Nothing more comes from the back end until it is played again.
        virtual void on_stopped(Backend& backend) = 0;
        // Whom the mount's media is being sent to.
        [[nodiscard]] virtual Audience audience(Backend& backend) = 0;
    };

    static std::shared_ptr<Backend> create(settings::BackendSettings settings, Listener& listener,
                                           std::shared_ptr<Prober> prober);
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    ~Backend();

    // main context
    void start();
    void
    viewer_arrived(bool first_time); // somebody asks to play; in a new session, or after a pause
    void sessions_ended(unsigned count); // by the proxy itself
    void retry_now();                    // the back end is said to be there again
    [[nodiscard]] Statistics statistics();
    // Stops everything, for good; clients get an RTCP BYE. idle() tells when the back end was left.
    void remove();
    [[nodiscard]] bool idle() const { return pending_tasks_ == 0; }

    // any thread
    [[nodiscard]] const settings::BackendSettings& settings() const { return settings_; }
    [[nodiscard]] std::optional<Tracks> tracks() { return shared_.lock()->tracks; }
    // Why clients cannot have the mount now; a reason phrase for RTSP. Always the same one if the
    // back end is to be discreet, for the moment at which it changes would tell as much.
    [[nodiscard]] std::string unavailable_reason();
    // The launch line of the mount as it is now.
    [[nodiscard]] std::string launch_line();
    // Turns a parsed launch line into the receiving half of a media, and takes it into use.
    std::shared_ptr<Ingest> make_ingest(GstElement* bin);

  private:
    struct Shared {
        std::optional<Tracks> tracks;
        std::string reason = "back end is not known yet";
        settings::Transport transport = settings::Transport::Udp;
    };

    // Since the last packet that was relayed.
    struct Decryption {
        std::int64_t last_packet = 0;
        std::uint64_t in_vain = 0; // packets, at that time
        Time since{0};
    };

    Backend(settings::BackendSettings settings, Listener& listener, std::shared_ptr<Prober> prober);
    [[nodiscard]] static Time now();
    [[nodiscard]] EventHandler event_handler();
    void handle(const Event& event);
    void say_once(const std::string& text);
    void learn(const Tracks& offered);
    void say_left_out(const std::vector<sdp::LeftOut>& left_out);
    void follow(const Event& event);
    void step();
    void look();
    // Probes come and go twice a second: meanwhile viewers are looked for less often.
    void look_unless_just_done();
    void decide();
    void probe(bool patient);
    void probed(bool reachable);
    void execute(const Command& command);
    void play(const Command& command);
    void stop();
    void log_transition();
    void watch(Ingest& ingest);
    void watch_decryption(const Ingest::Reading& reading);
    void watch_tracks(const Ingest& ingest, const Ingest::Reading& reading);
    void account(const TrafficIn& traffic, const Audience& audience);
    void take_stock();
    void run(std::function<void()> task);

    const settings::BackendSettings settings_;
    Listener& listener_;
    const std::shared_ptr<Prober> prober_;
    Guarded<Shared> shared_;
    const std::shared_ptr<exchange::Memory> memory_ = std::make_shared<exchange::Memory>();
    Strand strand_;

    // main context
    Supervisor supervisor_;
    Timer timer_;
    Time looked_at_{0};
    std::shared_ptr<DescribeProbe> probe_;      // while it describes
    std::unique_ptr<Prober::Subject> presence_; // while it is probed
    std::weak_ptr<Ingest> ingest_;              // of the mount's current media
    Command waiting_play_;                      // until there is a media
    settings::BackendSettings target_; // where the attempt goes: elsewhere if it was redirected
    std::string said_redirect_;        // where to
    State logged_state_ = State::Idle;
    std::vector<sdp::LeftOut> said_left_out_;
    Decryption decryption_;
    unsigned pending_tasks_ = 0;
    Time last_keep_alive_{0};
    std::set<std::string> said_;
    TrafficIn past_traffic_;    // of media that are gone
    TrafficIn current_traffic_; // of the mount's current media, when last looked at
    TrafficOut current_out_;    // likewise
    ReportsIn current_reports_; // likewise
    std::vector<TrackWatch> track_watches_;
    Attempt watched_attempt_ = 0;
    Statistics totals_; // the counters that are kept here
};

} // namespace rtspproxy::backend
