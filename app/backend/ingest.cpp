#include "app/backend/ingest.hpp"

#include "app/backend/track_match.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/main_loop.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace rtspproxy::backend {
namespace {

GstElement* make_payloader(std::size_t index, const Track& track) {
    const std::string name = "pay" + std::to_string(index);
    GstElement* payloader = gst_element_factory_make("rtprelaypay", name.c_str());
    // The stream is the proxy's own from the first packet on: what SETUP and PLAY tell a client of
    // SSRC, sequence number and timestamp is true even if the back end is not connected yet.
    g_object_set(payloader, "caps", track.caps.get(), "ssrc", gint64{g_random_int()},
                 "seqnum-offset", g_random_int_range(0, 1 << 15), "timestamp-offset",
                 gint64{g_random_int() >> 1}, "clean-start", TRUE, nullptr);
    return payloader;
}

// A source that says goodbye may be followed by another one, at once.
constexpr std::chrono::milliseconds kAfterGoodbye{300};

StructurePtr stats_of(GstElement* payloader) {
    GstStructure* stats = nullptr;
    g_object_get(payloader, "stats", &stats, nullptr);
    return StructurePtr(stats);
}

bool is_named(const GstMessage* message, const char* name) {
    return GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT &&
           gst_message_has_name(const_cast<GstMessage*>(message), name) != FALSE;
}

} // namespace

std::shared_ptr<Ingest> Ingest::create(GstElement* bin, const settings::BackendSettings& settings,
                                       const Tracks& tracks,
                                       std::shared_ptr<exchange::Memory> memory, Strand strand,
                                       EventHandler on_event) {
    auto element = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin), "backend"));
    if (!element)
        return nullptr;
    return std::shared_ptr<Ingest>(new Ingest(bin, std::move(element), settings, tracks,
                                              std::move(memory), std::move(strand),
                                              std::move(on_event)));
}

Ingest::Ingest(GstElement* bin, Ref<GstElement> element, const settings::BackendSettings& settings,
               const Tracks& tracks, std::shared_ptr<exchange::Memory> memory, Strand strand,
               EventHandler on_event)
    : tracks_(tracks), on_event_(std::move(on_event)), strand_(std::move(strand)),
      bin_(Ref<GstElement>::share(bin)),
      source_(std::move(element), settings, std::move(memory), [this](Event event) {
          learn(event);
          on_event_(std::move(event));
      }) {
    gst_element_set_locked_state(source_.element(), TRUE);
    add_payloaders(bin);
    source_.set_outlets([this](unsigned track) { return make_outlet(track); });
    pad_added_ = SignalConnection(source_.element(), "pad-added",
                                  G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) noexcept {
                                      static_cast<Ingest*>(self)->link(pad);
                                  }),
                                  this);
}

Ingest::~Ingest() = default;

void Ingest::add_payloaders(GstElement* bin) {
    for (std::size_t i = 0; i < tracks_.size(); ++i) {
        GstElement* payloader = make_payloader(i, tracks_[i]);
        payloaders_.push_back(Ref<GstElement>::share(payloader));
        gst_bin_add(GST_BIN(bin), payloader);
        track_ledgers_.push_back(std::make_shared<TrackLedger>());
    }
}

void Ingest::play(const Command& command, const settings::BackendSettings& target) {
    strand_.post([self = shared_from_this(), command, target] {
        if (self->detached_.load())
            return;
        self->source_.stop();
        self->progress_.with([&](Progress& progress) {
            const std::size_t tracks = self->tracks_.size();
            progress = {command.attempt,
                        false,
                        std::vector<bool>(tracks),
                        std::vector<bool>(tracks),
                        {},
                        std::vector<std::shared_ptr<TrackOutlet>>(tracks)};
        });
        self->source_.set_attempt(command.attempt);
        self->source_.set_target(target, command.transport, command.multicast);
        self->source_.open_taps();
        // NULL resets it, and a locked child does not get it from its bin.
        gst_element_set_base_time(self->source_.element(),
                                  gst_element_get_base_time(self->bin_.get()));
        gst_element_set_state(self->source_.element(), GST_STATE_PLAYING);
    });
}

void Ingest::stop() {
    strand_.post([self = shared_from_this()] { self->source_.stop(); });
}

void Ingest::keep_alive() {
    strand_.post([self = shared_from_this()] {
        if (!self->detached_.load())
            self->source_.keep_alive();
    });
}

// The media waits for this before it goes, so it must not wait for the camera: the element is only
// taken away here, and stopped on the strand.
void Ingest::detach() {
    if (detached_.exchange(true))
        return;
    strand_.post([self = shared_from_this()] {
        self->source_.stop();
        self->pad_added_.disconnect();
    });
    gst_bin_remove(GST_BIN(bin_.get()), source_.element());
}

void Ingest::say_goodbye() {
    strand_.post([self = shared_from_this()] {
        // First: a back end that does not answer takes a while to leave.
        for (const auto& payloader : self->payloaders_)
            gst_element_send_event(payloader.get(), gst_event_new_eos());
        self->source_.stop();
    });
}

// The back end may offer the tracks in another order than last time. In rtspsrc's thread, before it
// sets any of them up.
void Ingest::learn(const Event& event) {
    if (event.kind != Event::Kind::Described)
        return;
    const auto positions = matched(tracks_, event.tracks);
    progress_.with([&](Progress& progress) {
        progress.places.clear();
        for (std::size_t i = 0; positions && i < positions->size(); ++i) {
            const std::size_t stream = event.tracks[(*positions)[i]].index;
            progress.places.resize(std::max(progress.places.size(), stream + 1));
            progress.places[stream] = i;
        }
    });
}

std::optional<std::size_t> Ingest::place_of(unsigned stream) {
    return progress_.with([&](const Progress& progress) {
        return stream < progress.places.size() ? progress.places[stream] : std::nullopt;
    });
}

Ref<GstPad> Ingest::sink_of(std::size_t position) const {
    return Ref<GstPad>::adopt(gst_element_get_static_pad(payloaders_[position].get(), "sink"));
}

std::shared_ptr<TrackOutlet> Ingest::make_outlet(unsigned track) {
    const auto position = place_of(track);
    if (!position)
        return nullptr;
    auto outlet = std::make_shared<TrackOutlet>(sink_of(*position), track_ledgers_[*position],
                                                [this] { await_silence(); });
    progress_.with([&](Progress& progress) {
        if (*position < progress.outlets.size())
            progress.outlets[*position] = outlet;
    });
    return outlet;
}

// rtspsrc has made a pad of a track: one a connection, unless the media is encrypted and its
// packets come through here.
void Ingest::link(GstPad* pad) {
    const auto track = track_of_pad(GCharPtr(gst_pad_get_name(pad)).get());
    const auto position = track ? place_of(*track) : std::nullopt;
    if (!position)
        return;
    const bool fed = progress_.with([&](Progress& progress) {
        if (*position >= progress.linked.size())
            return false;
        progress.linked[*position] = true;
        progress.ended[*position] = false;
        const auto& outlet = progress.outlets[*position];
        return outlet && outlet->begun();
    });
    const auto sink = sink_of(*position);
    if (fed)
        drain(pad);
    // One that runs is never unlinked: it would answer its back end with an error, for good.
    if (gst_pad_is_linked(sink.get()) == FALSE)
        gst_pad_link_full(pad, sink.get(), GST_PAD_LINK_CHECK_NOTHING);
    else if (!fed)
        forward(pad, sink.get());
    strand_.post([weak = weak_from_this()] {
        if (const auto self = weak.lock())
            self->source_.retire_openers();
    });
}

// The RTCP thread.
void Ingest::await_silence() {
    const Attempt attempt = progress_.lock()->attempt;
    post_to_main_after(kAfterGoodbye, [weak = weak_from_this(), attempt] {
        if (const auto self = weak.lock())
            self->check_goodbyes(attempt);
    });
}

void Ingest::check_goodbyes(Attempt attempt) {
    const bool all = progress_.with([&](Progress& progress) {
        if (progress.attempt != attempt)
            return false;
        for (std::size_t i = 0; i < progress.outlets.size(); ++i)
            if (progress.outlets[i] && progress.outlets[i]->left())
                progress.ended[i] = true;
        return progress.ended == progress.linked;
    });
    if (all)
        source_.report_ended();
}

bool Ingest::take_message(GstMessage* message) {
    if (source_.take_message(message))
        return true;
    if (is_named(message, "rtp-relay-flowing"))
        track_flows();
    else if (is_named(message, "rtp-relay-ended"))
        track_ended(GST_MESSAGE_SRC(message));
    else
        return false;
    return true;
}

void Ingest::track_flows() {
    Event event{Event::Kind::Flowing, 0, {}, Failure::Error, {}};
    const bool first = progress_.with([&](Progress& progress) {
        event.attempt = progress.attempt;
        return !std::exchange(progress.flowing, true);
    });
    if (first)
        on_event_(std::move(event));
}

// One track may end alone; when all that were there have ended, so has the back end's stream.
void Ingest::track_ended(GstObject* payloader) {
    const bool all = progress_.with([&](Progress& progress) {
        for (std::size_t i = 0; i < progress.ended.size(); ++i)
            if (GST_OBJECT(payloaders_[i].get()) == payloader)
                progress.ended[i] = true;
        return !progress.ended.empty() && progress.ended == progress.linked;
    });
    if (all)
        source_.report_ended();
}

std::optional<rtp::ClockMapping> Ingest::camera_clock(std::size_t track) const {
    if (track >= payloaders_.size())
        return std::nullopt;
    const StructurePtr stats = stats_of(payloaders_[track].get());
    gboolean valid = FALSE;
    rtp::ClockMapping clock;
    guint64 ntp = 0;
    gst_structure_get(stats.get(), "clock-valid", G_TYPE_BOOLEAN, &valid, "clock-ntp",
                      G_TYPE_UINT64, &ntp, "clock-rtp", G_TYPE_UINT, &clock.rtp, "clock-rate",
                      G_TYPE_UINT, &clock.clock_rate, nullptr);
    clock.ntp = ntp;
    return valid != FALSE ? std::optional(clock) : std::nullopt;
}

Ingest::Reading Ingest::read() {
    Reading reading{source_.losses(), 0, source_.undecryptable(), {}};
    auto& sum = reading.traffic;
    std::uint64_t newest = 0;
    for (std::size_t i = 0; i < payloaders_.size(); ++i) {
        const StructurePtr stats = stats_of(payloaders_[i].get());
        const TrackReading track{
            counter_field(stats.get(), "packets"),
            static_cast<std::int64_t>(counter_field(stats.get(), "last-arrival")),
            track_ledgers_[i]->takeovers.load(), track_ledgers_[i]->foreign.load()};
        reading.tracks.push_back(track);
        newest = std::max(newest, counter_field(stats.get(), "last-arrival"));
        sum.packets += track.packets;
        sum.bytes += counter_field(stats.get(), "bytes");
        for (const char* name :
             {"dropped-malformed", "dropped-preroll", "dropped-waiting", "dropped-flow"})
            sum.dropped += counter_field(stats.get(), name);
    }
    reading.last_packet = static_cast<std::int64_t>(newest);
    return reading;
}

} // namespace rtspproxy::backend
