#include "app/backend/backend.hpp"

#include "app/backend/launch_line.hpp"
#include "app/backend/redirected.hpp"
#include "app/backend/track_match.hpp"
#include "app/log.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::backend {
namespace {

using settings::Transport;

Supervisor::Policy policy_of(const settings::BackendSettings& settings) {
    Supervisor::Policy policy;
    policy.transport = settings.transport;
    policy.connect_timeout = settings.connect_timeout;
    policy.stall_timeout = settings.stall_timeout;
    policy.idle_timeout = settings.idle_timeout;
    policy.always_on = settings.always_on;
    // A connection that the back end lends is there or not; only its owner can tell.
    policy.probes = settings.proxy.empty();
    return policy;
}

const char* transport_name(Transport transport) {
    switch (transport) {
    case Transport::Tcp:
        return "tcp";
    case Transport::HttpTunnel:
        return "http";
    default:
        return "udp";
    }
}

double random_fraction() {
    return g_random_double();
}

} // namespace

std::shared_ptr<Backend> Backend::create(settings::BackendSettings settings, Listener& listener,
                                         std::shared_ptr<Prober> prober) {
    return std::shared_ptr<Backend>(new Backend(std::move(settings), listener, std::move(prober)));
}

Backend::Backend(settings::BackendSettings settings, Listener& listener,
                 std::shared_ptr<Prober> prober)
    : settings_(std::move(settings)), listener_(listener), prober_(std::move(prober)),
      supervisor_(policy_of(settings_), random_fraction), target_(settings_) {
    shared_.lock()->transport = supervisor_.transport();
}

Backend::~Backend() = default;

void Backend::start() {
    step();
}

void Backend::viewer_arrived(bool first_time) {
    totals_.clients_ever += first_time ? 1 : 0;
    supervisor_.watched(true, now());
    step();
}

void Backend::sessions_ended(unsigned count) {
    totals_.out.kicked += count;
}

void Backend::retry_now() {
    supervisor_.retry_now(now());
    step();
}

void Backend::remove() {
    supervisor_.remove(now());
    if (const auto ingest = ingest_.lock())
        ingest->say_goodbye();
    step();
    run([] {}); // idle() waits for what the strand still has to do
}

std::string Backend::unavailable_reason() {
    return settings_.discreet ? "back end is not available" : shared_.lock()->reason;
}

std::string Backend::launch_line() {
    return backend::launch_line(settings_, shared_.lock()->transport);
}

std::shared_ptr<Ingest> Backend::make_ingest(GstElement* bin) {
    const auto known = tracks();
    if (!known)
        return nullptr;
    auto ingest = Ingest::create(bin, settings_, *known, memory_, strand_, event_handler());
    post_to_main([weak = weak_from_this(), weak_ingest = std::weak_ptr<Ingest>(ingest)] {
        const auto self = weak.lock();
        if (!self)
            return;
        self->past_traffic_ += std::exchange(self->current_traffic_, {});
        self->current_out_ = {};
        self->current_reports_ = {};
        self->track_watches_.clear();
        self->totals_.tracks.clear();
        self->ingest_ = weak_ingest;
        if (self->waiting_play_.kind == Command::Kind::Play)
            self->play(std::exchange(self->waiting_play_, {}));
    });
    return ingest;
}

Time Backend::now() {
    return Time(g_get_monotonic_time() / 1000);
}

EventHandler Backend::event_handler() {
    return [weak = weak_from_this()](Event event) {
        post_to_main([weak, event = std::move(event)] {
            if (const auto self = weak.lock())
                self->handle(event);
        });
    };
}

void Backend::handle(const Event& event) {
    switch (event.kind) {
    case Event::Kind::Connected:
        supervisor_.connected(event.attempt);
        return;
    case Event::Kind::Described:
        if (event.attempt == supervisor_.attempt()) {
            say_left_out(event.left_out);
            learn(event.tracks);
        }
        supervisor_.described(event.attempt, now(), event.multicast);
        break;
    case Event::Kind::Flowing:
        supervisor_.flowing(event.attempt, now());
        break;
    case Event::Kind::Failed:
        supervisor_.failed(event.attempt, event.failure, event.reason, now());
        break;
    case Event::Kind::Redirected:
        follow(event);
        break;
    case Event::Kind::Noticed:
        if (event.attempt == supervisor_.attempt())
            say_once(event.reason);
        break;
    }
    step();
}

// However often the back end is connected.
void Backend::say_once(const std::string& text) {
    constexpr std::size_t kMost = 64;
    if (said_.size() < kMost && said_.insert(text).second)
        log::warning("%s: %s", settings_.mount.c_str(), text.c_str());
}

// Once, however often the back end is connected.
void Backend::say_left_out(const std::vector<sdp::LeftOut>& left_out) {
    if (std::exchange(said_left_out_, left_out) == left_out)
        return;
    for (const auto& each : left_out)
        if (each.as_meant)
            log::info("%s: %s %s; not served", settings_.mount.c_str(), each.section.c_str(),
                      each.reason.c_str());
        else
            log::warning("%s: %s %s; not served", settings_.mount.c_str(), each.section.c_str(),
                         each.reason.c_str());
}

// Tracks that clients can go on with stay in the order in which clients know them.
void Backend::learn(const Tracks& offered) {
    const auto known = this->tracks();
    const Tracks tracks = known ? arranged(*known, offered) : offered;
    if (known && same(*known, tracks))
        return;
    log::info("%s: %s", settings_.mount.c_str(), describe(tracks).c_str());
    shared_.lock()->tracks = tracks;
    if (!known || compatible(*known, tracks))
        return;
    log::warning("%s: back end offers other media than before; clients have to connect again",
                 settings_.mount.c_str());
    take_stock(); // for the last time of this media
    ingest_.reset();
    supervisor_.restart("back end offers other media than before", now());
    listener_.on_tracks_replaced(*this);
}

void Backend::follow(const Event& event) {
    if (event.attempt != supervisor_.attempt())
        return;
    auto elsewhere = redirected(settings_, event.location);
    if (!elsewhere) {
        supervisor_.failed(event.attempt, Failure::Error, elsewhere.error().message, now());
        return;
    }
    const std::string& url = elsewhere->display_url;
    const bool first = target_ == settings_;
    // Once, for each attempt is redirected anew.
    const bool known = !first || std::exchange(said_redirect_, url) == url;
    (known ? log::info
           : log::warning)("%s: back end redirects to %s%s", settings_.mount.c_str(), url.c_str(),
                           loses_login(settings_, *elsewhere) ? ", where no login is given" : "");
    target_ = std::move(*elsewhere);
    supervisor_.redirected(event.attempt, now());
}

// Lets the supervisor decide until it has nothing more to say, and wakes up when it wants to be
// asked.
void Backend::step() {
    look();
    decide();
}

void Backend::look() {
    looked_at_ = now();
    if (const auto ingest = ingest_.lock())
        watch(*ingest);
}

void Backend::decide() {
    for (auto command = supervisor_.update(now()); command.kind != Command::Kind::None;
         command = supervisor_.update(now()))
        execute(command);
    if (!supervisor_.probing())
        presence_.reset();
    log_transition();
    const auto deadline = supervisor_.deadline(now());
    if (!deadline)
        timer_.cancel();
    else
        timer_.set(*deadline - now(), [this] {
            look_unless_just_done();
            decide();
        });
}

void Backend::watch(Ingest& ingest) {
    const Audience audience = listener_.audience(*this);
    const Ingest::Reading reading = ingest.read();
    supervisor_.packet(Time(reading.last_packet / 1000));
    supervisor_.watched(audience.clients > 0, now());
    account(reading.traffic, audience);
    watch_decryption(reading);
    watch_tracks(ingest, reading);
    const State state = supervisor_.state();
    const auto interval = state == State::Live || state == State::Connecting
                              ? ingest.keep_alive_interval()
                              : std::nullopt;
    if (interval && now() - std::max(last_keep_alive_, supervisor_.since()) >= *interval) {
        last_keep_alive_ = now();
        ingest.keep_alive();
    }
}

// Packets that cannot be decrypted, and none that can, mean a wrong key. A camera that has changed
// it tells the new one when it is connected anew.
void Backend::watch_decryption(const Ingest::Reading& reading) {
    constexpr std::uint64_t kFew = 10;
    constexpr Time kPatience{1000};
    Decryption& seen = decryption_;
    if (reading.undecryptable < seen.in_vain || reading.last_packet != seen.last_packet)
        seen = {reading.last_packet, reading.undecryptable, now()};
    if (reading.undecryptable - seen.in_vain >= kFew &&
        now() - std::max(seen.since, supervisor_.since()) >= kPatience)
        supervisor_.failed(supervisor_.attempt(), Failure::Error,
                           "cannot decrypt what the back end sends (wrong SRTP key)", now());
}

void Backend::watch_tracks(const Ingest& ingest, const Ingest::Reading& reading) {
    track_watches_.resize(reading.tracks.size());
    totals_.tracks.resize(reading.tracks.size());
    const bool another =
        std::exchange(watched_attempt_, supervisor_.attempt()) != supervisor_.attempt();
    const auto time_of = [](std::int64_t microseconds) { return Time(microseconds / 1000); };
    for (std::size_t i = 0; i < reading.tracks.size(); ++i) {
        const auto& track = reading.tracks[i];
        auto& watch = track_watches_[i];
        auto& shown = totals_.tracks[i];
        if (another)
            watch.begin();
        const auto last =
            track.last_packet != 0 ? std::optional(time_of(track.last_packet)) : std::nullopt;
        const auto news =
            watch.look(now(), last, time_of(reading.last_packet), settings_.stall_timeout);
        shown.media = describe(Tracks{ingest.tracks()[i]});
        shown.packets = track.packets;
        shown.silent_for = last ? std::optional(now() - *last) : std::nullopt;
        shown.silent = watch.silent();
        shown.silences = watch.silences();
        shown.source_changes = track.source_changes;
        shown.foreign_dropped = track.foreign_dropped;
        if (news == TrackWatch::News::Silent)
            log::warning("%s: track %zu, %s, has fallen silent; the others go on",
                         settings_.mount.c_str(), i + 1, shown.media.c_str());
        else if (news == TrackWatch::News::Back)
            log::info("%s: track %zu, %s, is back", settings_.mount.c_str(), i + 1,
                      shown.media.c_str());
    }
}

void Backend::account(const TrafficIn& traffic, const Audience& audience) {
    current_traffic_ = traffic;
    totals_.out.add_since(audience.out, current_out_);
    totals_.clients = audience.clients;
    totals_.reports.add_since(audience.reports, current_reports_);
    current_out_ = audience.out;
    current_reports_ = audience.reports;
}

void Backend::take_stock() {
    if (const auto ingest = ingest_.lock()) {
        const Ingest::Reading reading = ingest->read();
        account(reading.traffic, listener_.audience(*this));
        watch_tracks(*ingest, reading);
    }
}

Statistics Backend::statistics() {
    take_stock();
    Statistics statistics = totals_;
    statistics.mount = settings_.mount;
    statistics.url = settings_.display_url;
    statistics.state = supervisor_.state();
    statistics.in_state = now() - supervisor_.since();
    statistics.reason = supervisor_.reason();
    statistics.transport = transport_name(supervisor_.transport());
    statistics.attempts = supervisor_.attempt();
    statistics.probes = supervisor_.probes();
    statistics.outages = supervisor_.outages();
    statistics.lost_time = supervisor_.time_lost(now());
    statistics.in = past_traffic_;
    statistics.in += current_traffic_;
    return statistics;
}

void Backend::execute(const Command& command) {
    shared_.lock()->transport = command.transport;
    const bool begins = command.kind != Command::Kind::Stop && command.kind != Command::Kind::None;
    if (begins && !command.redirected)
        target_ = settings_;
    switch (command.kind) {
    case Command::Kind::Describe:
        probe_ = DescribeProbe::create(target_, memory_, event_handler());
        if (probe_)
            run([probe = probe_, command] { probe->start(command.attempt, command.transport); });
        break;
    case Command::Kind::Play:
        play(command);
        break;
    case Command::Kind::Stop:
        stop();
        break;
    case Command::Kind::Probe:
        probe(command.patient);
        break;
    case Command::Kind::None:
        break;
    }
}

void Backend::probe(bool patient) {
    if (!presence_)
        presence_ =
            prober_->subject(endpoint_of(settings_), [this](bool reachable) { probed(reachable); });
    presence_->probe(patient ? Prober::Patience::Patient : Prober::Patience::Usual);
}

void Backend::probed(bool reachable) {
    supervisor_.probed(reachable, now());
    look_unless_just_done();
    decide();
}

void Backend::look_unless_just_done() {
    constexpr Time kWhileProbing{2000};
    if (!supervisor_.probing() || now() - looked_at_ >= kWhileProbing)
        look();
}

void Backend::play(const Command& command) {
    if (const auto ingest = ingest_.lock()) {
        ingest->play(command, target_);
        return;
    }
    waiting_play_ = command;
    listener_.on_media_wanted(*this);
}

void Backend::stop() {
    waiting_play_ = {};
    if (probe_)
        run([probe = std::exchange(probe_, nullptr)] { probe->stop(); });
    if (const auto ingest = ingest_.lock())
        ingest->stop();
    listener_.on_stopped(*this);
}

void Backend::log_transition() {
    const State state = supervisor_.state();
    if (supervisor_.take_unicast())
        log::warning("%s: no media by multicast; trying unicast", settings_.mount.c_str());
    if (supervisor_.take_fallback())
        log::warning("%s: no media over %s; trying %s", settings_.mount.c_str(),
                     supervisor_.transport() == Transport::Tcp ? "UDP" : "TCP",
                     supervisor_.transport() == Transport::Tcp ? "TCP" : "UDP");
    if (std::exchange(logged_state_, state) == state)
        return;
    if (state == State::Lost) {
        log::warning("%s: back end lost: %s", settings_.mount.c_str(),
                     supervisor_.reason().c_str());
        shared_.lock()->reason = "back end: " + supervisor_.reason();
    } else {
        log::info("%s: %s", settings_.mount.c_str(), state_name(state));
    }
}

// On the strand; counted, so that the end of the program can wait for it.
void Backend::run(std::function<void()> task) {
    ++pending_tasks_;
    strand_.post([self = shared_from_this(), task = std::move(task)] {
        task();
        post_to_main([self] { --self->pending_tasks_; });
    });
}

} // namespace rtspproxy::backend
