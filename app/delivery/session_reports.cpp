#include "app/delivery/session_reports.hpp"

#include "app/delivery/keep_alive.hpp"
#include "app/delivery/report_probe.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/guarded.hpp"

#include <memory>
#include <utility>

namespace rtspproxy::delivery {
namespace {

using Places = std::map<std::size_t, std::unique_ptr<ReportDesk::Place>>; // by track

GQuark reports_quark() {
    static const GQuark quark = g_quark_from_static_string("rtspproxy-reports");
    return quark;
}

Guarded<Places>* find_places(GstRTSPSessionMedia* media) {
    return static_cast<Guarded<Places>*>(g_object_get_qdata(G_OBJECT(media), reports_quark()));
}

Guarded<Places>& places_of(GstRTSPSessionMedia* media) {
    if (auto* places = find_places(media))
        return *places;
    auto places = std::make_unique<Guarded<Places>>();
    auto& reference = *places;
    g_object_set_qdata_full(G_OBJECT(media), reports_quark(), places.release(),
                            free_box<Guarded<Places>>);
    return reference;
}

} // namespace

void expect_reports(GstRTSPSession* session, GstRTSPSessionMedia* media,
                    GstRTSPStreamTransport* transport, const MediaFanout& fanout) {
    GstRTSPStream* stream = gst_rtsp_stream_transport_get_stream(transport);
    const std::size_t index = gst_rtsp_stream_get_index(stream);
    if (index >= fanout.size())
        return;
    guint ssrc = 0;
    gst_rtsp_stream_get_ssrc(stream, &ssrc);
    auto place =
        std::make_unique<ReportDesk::Place>(fanout.reports(index), report_sources(transport),
                                            std::make_shared<Reporter>(ssrc, keep_alive(session)));
    places_of(media).with([&](Places& places) { std::swap(places[index], place); });
}

std::map<std::size_t, Reporter::Latest> latest_reports(GstRTSPSessionMedia* media) {
    std::map<std::size_t, Reporter::Latest> latest;
    if (Guarded<Places>* places = find_places(media))
        places->with([&](Places& each) {
            for (const auto& [index, place] : each)
                if (const auto said = place->reporter().latest())
                    latest[index] = *said;
        });
    return latest;
}

} // namespace rtspproxy::delivery
