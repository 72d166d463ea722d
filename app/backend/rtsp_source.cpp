#include "app/backend/rtsp_source.hpp"

#include "app/backend/decryption.hpp"
#include "app/backend/launch_line.hpp"
#include "app/backend/tap/inlet.hpp"
#include "app/backend/tap/lane_udpsrc.hpp"
#include "app/backend/tap/tap_connection.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

GST_DEBUG_CATEGORY_STATIC(rtspproxy_source_debug);
#define GST_CAT_DEFAULT rtspproxy_source_debug

namespace rtspproxy::backend {
namespace {

constexpr const char* kCannotConnect = "cannot connect";

struct Complaint {
    Failure failure = Failure::Error;
    std::string text;
};

// rtspsrc puts what happened into the debug text, "file.c(line): function (): path:\nwhat"; without
// that it is the message.
std::string_view what_happened(const char* message, const char* debug) {
    const std::string_view text = debug != nullptr ? debug : "";
    const std::size_t newline = text.rfind('\n');
    return newline == std::string_view::npos ? std::string_view(message) : text.substr(newline + 1);
}

// rtspsrc's words for what an operator would call otherwise.
std::string in_words(std::string_view text) {
    if (text.starts_with("Failed to connect"))
        return kCannotConnect;
    if (text.starts_with("Could not receive message"))
        return "connection lost";
    if (text.starts_with("No supported stream") || text.find("no protocols left") != text.npos)
        return "back end serves none of its media over this transport";
    if (text.starts_with("Could not send message"))
        return "connection lost while sending";
    return std::string(text);
}

TrafficIn losses_of(GstElement* buffer) {
    GstStructure* raw = nullptr;
    g_object_get(buffer, "stats", &raw, nullptr);
    const StructurePtr stats(raw);
    TrafficIn traffic;
    traffic.lost = counter_field(stats.get(), "num-lost");
    traffic.reordered = counter_field(stats.get(), "num-reordered");
    traffic.dropped =
        counter_field(stats.get(), "num-dropped") + counter_field(stats.get(), "num-malformed");
    return traffic;
}

// rtspsrc tells less than what was seen.
void explain(Complaint& complaint, const exchange::Refusals& refusals) {
    const std::string reason = refusals.reason();
    if (reason.empty() || complaint.failure == Failure::Unauthorized)
        return;
    complaint.text = reason;
    // Over TCP a PLAY that is refused says nothing about the transport.
    if (refusals.fatal.empty())
        complaint.failure = refusals.all_unsupported() ? Failure::Transport : Failure::Refused;
    else if (refusals.udp)
        complaint.failure = Failure::Refused;
}

Complaint read_complaint(GstMessage* message) {
    GError* raw_error = nullptr;
    char* raw_debug = nullptr;
    gst_message_parse_error(message, &raw_error, &raw_debug);
    const GErrorPtr error(raw_error);
    const GCharPtr debug(raw_debug);
    Complaint complaint;
    complaint.text = in_words(what_happened(error->message, debug.get()));
    if (g_error_matches(error.get(), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED))
        complaint.failure = Failure::Unauthorized;
    else if (g_error_matches(error.get(), GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND) ||
             complaint.text.find("transport") != std::string::npos)
        complaint.failure = Failure::Transport;

    const GstStructure* details = nullptr;
    gst_message_parse_error_details(message, &details);
    guint status = 0;
    if (details != nullptr && gst_structure_get_uint(details, "rtsp-status-code", &status)) {
        const char* reason = gst_structure_get_string(details, "rtsp-status-reason");
        complaint.text =
            "back end answered " + std::to_string(status) + " " + (reason != nullptr ? reason : "");
        if (status == GST_RTSP_STS_UNAUTHORIZED)
            complaint.failure = Failure::Unauthorized;
        else if (status == GST_RTSP_STS_UNSUPPORTED_TRANSPORT)
            complaint.failure = Failure::Transport;
    }
    return complaint;
}

} // namespace

RtspSource::RtspSource(Ref<GstElement> element, const settings::BackendSettings& settings,
                       std::shared_ptr<exchange::Memory> memory, EventHandler on_event)
    : element_(std::move(element)), latency_(settings.latency), url_(settings.url),
      on_event_(std::move(on_event)), form_(element_.get()),
      dialogue_(element_, settings.mount, ledger_, std::move(memory),
                {[this] {
                     on_event_({Event::Kind::Connected, attempt_.load(), {}, {}, {}});
                 },
                 [this](const Result<std::string>& url) { on_redirect(url); },
                 [this](std::string text) {
                     on_event_({Event::Kind::Noticed, attempt_.load(), {}, {}, std::move(text)});
                 }}) {
    static const bool initialised = [] {
        GST_DEBUG_CATEGORY_INIT(rtspproxy_source_debug, "rtspproxy-source", 0,
                                "Back ends' rtspsrc");
        return true;
    }();
    static_cast<void>(initialised);
    ledger_->mount = settings.mount;
    connect_signals();
}

RtspSource::~RtspSource() {
    stop();
    // rtspsrc (1.22) does not free its copy by itself.
    g_object_set(element_.get(), "proxy", nullptr, nullptr);
}

void RtspSource::set_attempt(Attempt attempt) {
    attempt_.store(attempt);
}

void RtspSource::set_target(const settings::BackendSettings& target, settings::Transport transport,
                            bool multicast) {
    form_.begin(transport, multicast);
    if (url_ != target.url)
        g_object_set(element_.get(), "location", location_of(target, transport).c_str(), nullptr);
    url_ = target.url;
    dialogue_.prepare(target.credentials, transport != settings::Transport::Udp);
    gst_util_set_object_arg(G_OBJECT(element_.get()), "protocols", protocols_of(transport));
    const bool ordered = transport != settings::Transport::Udp;
    const auto latency = static_cast<guint>(ordered ? 0 : latency_.count());
    // What puts packets in order is the lane, if there is one, ahead of rtspsrc.
    ledger_->latency_ms.store(latency);
    g_object_set(element_.get(), "latency", lanes_installed() ? 0U : latency, nullptr);
}

void RtspSource::stop() {
    settle();
    ledger_->open.store(false);
    const std::uint64_t in_vain = undecryptable();
    gst_element_set_state(element_.get(), GST_STATE_NULL);
    remove_pads();
    buffers_.with([in_vain](Buffers& buffers) {
        for (const auto& buffer : buffers.current)
            buffers.past += losses_of(buffer.get());
        buffers.past.dropped += in_vain;
        buffers.current.clear();
    });
}

// rtspsrc (1.22) removes only the newest pad of each of its streams; one that is left keeps what it
// was made for, and its name.
void RtspSource::remove_pads() {
    while (element_.get()->srcpads != nullptr) {
        const auto pad = Ref<GstPad>::share(static_cast<GstPad*>(element_.get()->srcpads->data));
        gst_pad_set_active(pad.get(), FALSE);
        gst_element_remove_pad(element_.get(), pad.get());
    }
}

// rtspsrc (1.22) reports an error first and takes its streams down after that, without the lock
// under which a stop walks through them to interrupt them: the two together may walk for ever.
void RtspSource::settle() {
    constexpr std::chrono::milliseconds kPatience{500};
    std::unique_lock<std::mutex> lock(opening_.mutex);
    if (opening_.failing &&
        !opening_.ended.wait_for(lock, kPatience, [this] { return !opening_.under_way; }))
        GST_WARNING_OBJECT(element_.get(), "stopped in the middle of its opening");
    opening_.failing = false;
}

void RtspSource::opening_fails() {
    const std::lock_guard<std::mutex> lock(opening_.mutex);
    opening_.failing = true;
}

void RtspSource::on_progress(GstMessage* message) {
    GstProgressType type = GST_PROGRESS_TYPE_START;
    char* raw_code = nullptr;
    gst_message_parse_progress(message, &type, &raw_code, nullptr);
    const GCharPtr code(raw_code);
    const std::string_view stage(code ? code.get() : "");
    if (stage == "connect") // rtspsrc's thread is about to
        forget_last_connection();
    if (stage != "open" || type == GST_PROGRESS_TYPE_CONTINUE)
        return;
    const std::lock_guard<std::mutex> lock(opening_.mutex);
    opening_.under_way = type == GST_PROGRESS_TYPE_START;
    if (opening_.under_way)
        opening_.failing = false;
    opening_.ended.notify_all();
}

TrafficIn RtspSource::losses() {
    TrafficIn sum = buffers_.with([](const Buffers& buffers) {
        TrafficIn counted = buffers.past;
        for (const auto& buffer : buffers.current)
            counted += losses_of(buffer.get());
        return counted;
    });
    // Before a pad is made and in the samples, the buffers see gaps that the feeds saw first.
    sum.lost = ledger_->fed.load() ? ledger_->lost.load() : sum.lost;
    sum.reordered += ledger_->reordered.load();
    sum.dropped += ledger_->dropped.load() + undecryptable();
    sum.refused = ledger_->refused.load();
    sum.stray_bytes = ledger_->stray_bytes.load();
    sum.mended_answers = ledger_->mended_answers.load();
    return sum;
}

std::uint64_t RtspSource::undecryptable() {
    return form_.is_encrypted() ? undecryptable_packets(element_.get()) : 0;
}

std::optional<unsigned> track_of_pad(const char* name) {
    unsigned track = 0;
    if (std::sscanf(name, "recv_rtp_src_%u_", &track) == 1 ||
        std::sscanf(name, "stream_%u", &track) == 1)
        return track;
    return std::nullopt;
}

// rtspsrc opens the way through a NAT with a few datagrams of a fakesrc's, whose thread then has
// nothing to do any more. It starts it again by itself when it plays again.
void RtspSource::retire_openers() {
    const std::unique_ptr<GstIterator, Deleter<gst_iterator_free>> openers(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(element_.get()), "fakesrc"));
    const auto retire = [](const GValue* item, gpointer) {
        gst_element_set_state(GST_ELEMENT(g_value_get_object(item)), GST_STATE_READY);
    };
    while (gst_iterator_foreach(openers.get(), retire, nullptr) == GST_ITERATOR_RESYNC)
        gst_iterator_resync(openers.get());
}

bool RtspSource::take_message(GstMessage* message) {
    GstObject* source = GST_MESSAGE_SRC(message);
    if (source == nullptr ||
        (source != GST_OBJECT(element_.get()) &&
         gst_object_has_as_ancestor(source, GST_OBJECT(element_.get())) == FALSE))
        return false;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        on_error(message);
    else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_PROGRESS)
        on_progress(message);
    return true;
}

void RtspSource::report_ended() {
    report(Failure::Ended, "back end ended the stream");
}

void RtspSource::connect_signals() {
    on_sdp_ =
        SignalConnection(element_.get(), "on-sdp",
                         G_CALLBACK(+[](GstElement*, GstSDPMessage* sdp, gpointer self) noexcept {
                             static_cast<RtspSource*>(self)->on_sdp(*sdp);
                         }),
                         this);
    select_stream_ = SignalConnection(
        element_.get(), "select-stream",
        G_CALLBACK(+[](GstElement*, guint, GstCaps*, gpointer self) noexcept -> gboolean {
            return static_cast<RtspSource*>(self)->describe_only_ ? FALSE : TRUE;
        }),
        this);
    new_manager_ = SignalConnection(
        element_.get(), "new-manager",
        G_CALLBACK(+[](GstElement*, GstElement* manager, gpointer self) noexcept {
            auto& own = *static_cast<RtspSource*>(self);
            if (own.outlet_of_)
                install_inlets(manager, own.ledger_, own.outlet_of_);
            g_signal_connect(manager, "request-jitterbuffer",
                             G_CALLBACK(+[](GstElement*, guint, gpointer source) noexcept {
                                 return static_cast<RtspSource*>(source)->make_buffer();
                             }),
                             self);
        }),
        this);
}

// In place of rtpjitterbuffer: no thread and no timer a track, and no delay for packets in order.
GstElement* RtspSource::make_buffer() {
    GstElement* buffer = gst_element_factory_make("rtprelaybuffer", nullptr);
    buffers_.lock()->current.push_back(Ref<GstElement>::sink(buffer));
    return static_cast<GstElement*>(gst_object_ref(buffer));
}

// rtspsrc makes its streams of what is left of the SDP.
void RtspSource::on_sdp(GstSDPMessage& sdp) {
    if (describe_only_)
        opening_fails(); // it finds no stream to set up
    sdp::NormalForm form = form_.take(sdp);
    if (form.encrypted && lanes_installed()) // nothing ahead of rtspsrc puts those in order
        g_object_set(element_.get(), "latency", ledger_->latency_ms.load(), nullptr);
    Event event{Event::Kind::Described, attempt_.load(), tracks_from_sdp(sdp), Failure::Error, {}};
    event.multicast = form.multicast;
    event.left_out = std::move(form.left_out);
    if (event.tracks.empty())
        report(Failure::Error, sdp::nothing_left(event.left_out));
    else
        on_event_(std::move(event));
}

void RtspSource::on_error(GstMessage* message) {
    opening_fails();
    Complaint complaint = read_complaint(message);
    // In the thread that tried to connect. What stood and was refused later is another matter.
    if (complaint.text == kCannotConnect && !last_connection_stood())
        complaint.failure = Failure::Unreachable;
    explain(complaint, dialogue_.refusals());
    if (form_.try_other_url())
        complaint.failure = Failure::Address;
    GST_DEBUG_OBJECT(element_.get(), "%s", complaint.text.c_str());
    report(complaint.failure, std::move(complaint.text));
}

void RtspSource::on_redirect(const Result<std::string>& url) {
    opening_fails(); // rtspsrc is told so
    if (!url) {
        report(Failure::Error, url.error().message);
        return;
    }
    Event event{Event::Kind::Redirected, attempt_.load(), {}, Failure::Error, {}};
    event.location = *url;
    on_event_(std::move(event));
}

void RtspSource::report(Failure failure, std::string reason) {
    on_event_({Event::Kind::Failed, attempt_.load(), {}, failure, std::move(reason)});
}

} // namespace rtspproxy::backend
