#include "app/backend/statistics.hpp"

#include "app/printable.hpp"

#include <nlohmann/json.hpp>

namespace rtspproxy::backend {
namespace {

double seconds(Time time) {
    return static_cast<double>(time.count()) / 1000.0;
}

nlohmann::ordered_json to_json(const std::vector<TrackStatistics>& tracks) {
    auto json = nlohmann::ordered_json::array();
    for (const TrackStatistics& track : tracks) {
        nlohmann::ordered_json silent_for;
        if (track.silent_for)
            silent_for = seconds(*track.silent_for);
        json.push_back({{"media", track.media},
                        {"packets", track.packets},
                        {"silent_seconds", silent_for},
                        {"silent", track.silent},
                        {"silences", track.silences},
                        {"source_changes", track.source_changes},
                        {"foreign_dropped", track.foreign_dropped}});
    }
    return json;
}

} // namespace

TrafficIn& TrafficIn::operator+=(const TrafficIn& other) {
    packets += other.packets;
    bytes += other.bytes;
    lost += other.lost;
    reordered += other.reordered;
    dropped += other.dropped;
    refused += other.refused;
    stray_bytes += other.stray_bytes;
    mended_answers += other.mended_answers;
    return *this;
}

void TrafficOut::add_since(const TrafficOut& now, const TrafficOut& before) {
    packets += now.packets - before.packets;
    bytes += now.bytes - before.bytes;
    discarded += now.discarded - before.discarded;
    kicked += now.kicked - before.kicked;
}

void ReportsIn::add_since(const ReportsIn& now, const ReportsIn& before) {
    taken += now.taken - before.taken;
    foreign += now.foreign - before.foreign;
    malformed += now.malformed - before.malformed;
    excess += now.excess - before.excess;
}

std::string to_json(const Statistics& statistics) {
    const nlohmann::ordered_json json{
        {"mount", statistics.mount},
        {"url", printable(statistics.url)},
        {"state", state_name(statistics.state)},
        {"state_seconds", seconds(statistics.in_state)},
        {"reason", printable(statistics.reason)},
        {"transport", statistics.transport},
        {"attempts", statistics.attempts},
        {"probes", statistics.probes},
        {"outages", statistics.outages},
        {"lost_seconds", seconds(statistics.lost_time)},
        {"packets_in", statistics.in.packets},
        {"bytes_in", statistics.in.bytes},
        {"lost_in", statistics.in.lost},
        {"reordered_in", statistics.in.reordered},
        {"dropped_in", statistics.in.dropped},
        {"refused_in", statistics.in.refused},
        {"stray_bytes_in", statistics.in.stray_bytes},
        {"answers_mended", statistics.in.mended_answers},
        {"packets_out", statistics.out.packets},
        {"bytes_out", statistics.out.bytes},
        {"discarded_out", statistics.out.discarded},
        {"clients", statistics.clients},
        {"clients_ever", statistics.clients_ever},
        {"kicked", statistics.out.kicked},
        {"reports", statistics.reports.taken},
        {"reports_foreign", statistics.reports.foreign},
        {"reports_malformed", statistics.reports.malformed},
        {"reports_excess", statistics.reports.excess},
        {"tracks", to_json(statistics.tracks)},
    };
    // A camera's words may be no UTF-8.
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace rtspproxy::backend
