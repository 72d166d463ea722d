#include "app/delivery/session_delivery.hpp"

#include "app/delivery/buffers.hpp"
#include "app/delivery/keep_alive.hpp"
#include "app/delivery/takeover.hpp"
#include "app/delivery/transport_receiver.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace rtspproxy::delivery {
namespace {

using TransportsPtr = std::unique_ptr<GPtrArray, Deleter<g_ptr_array_unref>>;

// A client over UDP is waited for as long as this lives, see MediaFanout.
class UdpHold {
  public:
    UdpHold(std::shared_ptr<MediaFanout> fanout, std::size_t index, const GstRTSPTransport& ways)
        : fanout_(std::move(fanout)), index_(index), host_(ways.destination),
          port_(ways.client_port.min) {
        fanout_->hold_udp(index_, host_, port_);
    }
    ~UdpHold() { fanout_->release_udp(index_, host_, port_); }
    UdpHold(const UdpHold&) = delete;
    UdpHold& operator=(const UdpHold&) = delete;

  private:
    const std::shared_ptr<MediaFanout> fanout_;
    const std::size_t index_;
    const std::string host_;
    const int port_;
};
using UdpHolds = std::vector<std::unique_ptr<UdpHold>>;

// A session's place in one track.
struct Place {
    TrackFanout* track;
    ReceiverPtr receiver; // null: over UDP
    std::vector<AccessUnitPtr> burst;
};

class Delivery {
  public:
    explicit Delivery(std::shared_ptr<MediaFanout> fanout) : fanout_(std::move(fanout)) {}
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;
    ~Delivery() {
        for (const Place& place : places_) {
            if (place.receiver)
                place.track->leave(place.receiver);
            else
                place.track->leave_udp();
        }
    }

    std::string join(const PlayRequest& play, const OutputLimits& limits);
    void begin();
    void suspend();
    [[nodiscard]] bool has(std::size_t index) const {
        return std::ranges::find(places_, &fanout_->track(index), &Place::track) != places_.end();
    }

  private:
    [[nodiscard]] std::optional<std::uint64_t> common_start(const GPtrArray& transports,
                                                            std::uint64_t now) const;
    TrackFanout::Joined take_place(const PlayRequest& play, GstRTSPStreamTransport* transport,
                                   std::size_t index, std::optional<std::uint64_t> from,
                                   std::uint64_t now, const OutputLimits& limits);

    const std::shared_ptr<MediaFanout> fanout_;
    std::vector<Place> places_;
};

GQuark delivery_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-delivery");
    return quark;
}

GQuark holds_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-udp-holds");
    return quark;
}

void drop_holds(GstRTSPSessionMedia* media) {
    g_object_set_qdata(G_OBJECT(media), holds_quark(), nullptr);
}

Delivery* delivery_of(GstRTSPSessionMedia* media) {
    return static_cast<Delivery*>(g_object_get_qdata(G_OBJECT(media), delivery_quark()));
}

std::size_t index_of(GstRTSPStreamTransport* transport) {
    return gst_rtsp_stream_get_index(gst_rtsp_stream_transport_get_stream(transport));
}

template <class Function>
void for_each_transport(const GPtrArray& transports, Function function) {
    for (guint i = 0; i < transports.len; ++i)
        if (auto* transport = static_cast<GstRTSPStreamTransport*>(transports.pdata[i]))
            function(transport, index_of(transport));
}

bool is_tcp(GstRTSPStreamTransport* transport) {
    return gst_rtsp_stream_transport_get_transport(transport)->lower_transport ==
           GST_RTSP_LOWER_TRANS_TCP;
}

std::uint32_t ticks(std::uint64_t nanoseconds, std::uint32_t clock_rate) {
    return static_cast<std::uint32_t>(gst_util_uint64_scale(nanoseconds, clock_rate, GST_SECOND));
}

// The RTP time of `moment`, by what was received at another one.
std::uint32_t timestamp_at(std::uint64_t moment, std::uint32_t timestamp, std::uint64_t arrival,
                           std::uint32_t clock_rate) {
    return moment >= arrival ? timestamp + ticks(moment - arrival, clock_rate)
                             : timestamp - ticks(arrival - moment, clock_rate);
}

// One track's part of RTP-Info. The RTP times of all tracks name the same moment, `start`.
std::string rtp_info(GstRTSPStreamTransport* transport, const TrackFanout& track,
                     const TrackFanout::Joined& joined, std::uint64_t start) {
    if (joined.burst.empty() && !joined.position) { // as the payloader says
        const GCharPtr stock(gst_rtsp_stream_transport_get_rtpinfo(transport, GST_CLOCK_TIME_NONE));
        return stock ? stock.get() : "";
    }
    const std::uint32_t rate = track.format().clock_rate;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    if (!joined.burst.empty()) {
        const AccessUnit& first = *joined.burst.front();
        sequence = first.first_sequence();
        timestamp = timestamp_at(start, first.timestamp(), first.arrival(), rate);
    } else {
        sequence = joined.position->next_sequence;
        timestamp = timestamp_at(start, joined.position->timestamp, joined.position->arrival, rate);
    }
    const GCharPtr url(gst_rtsp_url_get_request_uri(gst_rtsp_stream_transport_get_url(transport)));
    return std::string("url=") + url.get() + ";seq=" + std::to_string(sequence) +
           ";rtptime=" + std::to_string(timestamp);
}

// Where the tracks of a session start together: where the first of those with pictures does.
std::optional<std::uint64_t> Delivery::common_start(const GPtrArray& transports,
                                                    std::uint64_t now) const {
    std::optional<std::uint64_t> earliest;
    for_each_transport(transports, [&](GstRTSPStreamTransport*, std::size_t index) {
        const auto start = fanout_->track(index).start(now);
        if (start && (!earliest || *start < *earliest))
            earliest = start;
    });
    return earliest;
}

// A session that plays already may have set up more tracks: these begin where the others are.
std::string Delivery::join(const PlayRequest& play, const OutputLimits& limits) {
    const TransportsPtr transports(gst_rtsp_session_media_get_transports(play.media));
    const std::uint64_t now = monotonic_now();
    const auto from =
        play.fast_start && places_.empty() ? common_start(*transports, now) : std::nullopt;
    std::string header;
    for_each_transport(*transports, [&](GstRTSPStreamTransport* transport, std::size_t index) {
        const auto joined = has(index) ? TrackFanout::Joined{{}, fanout_->track(index).position()}
                                       : take_place(play, transport, index, from, now, limits);
        const std::string info =
            rtp_info(transport, fanout_->track(index), joined, from.value_or(now));
        if (!info.empty())
            header += (header.empty() ? "" : ",") + info;
    });
    return header;
}

TrackFanout::Joined Delivery::take_place(const PlayRequest& play, GstRTSPStreamTransport* transport,
                                         std::size_t index, std::optional<std::uint64_t> from,
                                         std::uint64_t now, const OutputLimits& limits) {
    TrackFanout& track = fanout_->track(index);
    const GstRTSPTransport* ways = gst_rtsp_stream_transport_get_transport(transport);
    if (!is_tcp(transport)) {
        auto joined = track.join_udp(from, now);
        places_.push_back({&track, nullptr, {}});
        fanout_->burst_udp(index, ways->destination, ways->client_port.min, joined);
        return joined;
    }
    const auto& channels = ways->interleaved;
    const auto output = output_of(play.client);
    ReceiverPtr receiver =
        output ? output->make_receiver(static_cast<std::uint8_t>(channels.min),
                                       static_cast<std::uint8_t>(channels.max),
                                       track.has_key_frames(), keep_alive(play.session))
               : make_transport_receiver(play.client, transport, track.has_key_frames(), limits);
    auto joined = track.join(receiver, from, now);
    places_.push_back({&track, std::move(receiver), joined.burst});
    return joined;
}

// Also those that had begun: GstRTSPMedia has just taken the callbacks of all transports.
void Delivery::begin() {
    for (Place& place : places_)
        if (place.receiver)
            place.track->begin(*place.receiver, std::exchange(place.burst, {}));
}

void Delivery::suspend() {
    for (const Place& place : places_)
        if (place.receiver)
            place.receiver->suspend();
}

} // namespace

bool set_up_here(GstRTSPClient* client, GstRTSPSessionMedia* media) {
    const TransportsPtr transports(gst_rtsp_session_media_get_transports(media));
    bool here = true;
    for_each_transport(*transports, [&](GstRTSPStreamTransport* transport, std::size_t) {
        const auto channel = static_cast<guint8>(gst_rtsp_stream_transport_get_transport(transport)
                                                     ->interleaved.max); // the other may be hidden
        here = here && (!is_tcp(transport) ||
                        gst_rtsp_client_get_stream_transport(client, channel) == transport);
    });
    return here;
}

void prepare(const PlayRequest& play, const std::shared_ptr<MediaFanout>& fanout) {
    drop_holds(play.media); // first: they may be of the same ports
    UdpHolds holds;
    Delivery* delivery = delivery_of(play.media);
    if (delivery != nullptr)
        delivery->suspend();
    const TransportsPtr transports(gst_rtsp_session_media_get_transports(play.media));
    for_each_transport(*transports, [&](GstRTSPStreamTransport* transport, std::size_t index) {
        if (!is_tcp(transport) && (delivery == nullptr || !delivery->has(index)))
            holds.push_back(std::make_unique<UdpHold>(
                fanout, index, *gst_rtsp_stream_transport_get_transport(transport)));
    });
    g_object_set_qdata_full(G_OBJECT(play.media), holds_quark(), box(std::move(holds)),
                            free_box<UdpHolds>);
}

void cancel(GstRTSPSessionMedia* media) {
    begin(media); // what it played before goes on
}

std::string join(const PlayRequest& play, const std::shared_ptr<MediaFanout>& fanout,
                 const OutputLimits& limits) {
    if (Delivery* delivery = delivery_of(play.media))
        return delivery->join(play, limits);
    auto delivery = std::make_unique<Delivery>(fanout);
    std::string header = delivery->join(play, limits);
    g_object_set_qdata_full(G_OBJECT(play.media), delivery_quark(), delivery.release(),
                            free_box<Delivery>);
    return header;
}

void begin(GstRTSPSessionMedia* media) {
    drop_holds(media);
    if (Delivery* delivery = delivery_of(media))
        delivery->begin();
}

void end(GstRTSPSessionMedia* media) {
    drop_holds(media);
    g_object_set_qdata(G_OBJECT(media), delivery_quark(), nullptr);
}

} // namespace rtspproxy::delivery
