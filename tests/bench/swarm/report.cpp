// The report of a swarm, for people and for programs.
#include "tests/bench/common/json_line.hpp"
#include "tests/bench/swarm/swarm.hpp"

#include <limits>
#include <sstream>

namespace rtspproxy::bench {
namespace {

void add_histogram(JsonLine& json, std::string_view key, const Histogram& histogram) {
    json.begin_object(key)
        .add("count", histogram.count())
        .add("p50", to_milliseconds(histogram.percentile(0.5)))
        .add("p95", to_milliseconds(histogram.percentile(0.95)))
        .add("p99", to_milliseconds(histogram.percentile(0.99)))
        .add("max", to_milliseconds(histogram.maximum()))
        .end_object();
}

void add_reasons(JsonLine& json, std::string_view key,
                 const std::map<std::string, std::uint64_t>& reasons) {
    json.begin_object(key);
    for (const auto& [reason, count] : reasons)
        json.add(reason, count);
    json.end_object();
}

void add_packets(JsonLine& json, const Totals& totals) {
    json.add("packets", totals.packets)
        .add("bytes", totals.bytes)
        .add("gaps", totals.gaps)
        .add("lost_packets", totals.lost_packets)
        .add("duplicates", totals.duplicates)
        .add("reordered", totals.reordered)
        .add("ssrc_changes", totals.ssrc_changes)
        .add("timestamps_back", totals.timestamps_back)
        .add("malformed", totals.malformed);
}

void add_frames(JsonLine& json, const Totals& totals, const StartTotals& starts) {
    json.add("frames", totals.frames)
        .add("key_frames", totals.key_frames)
        .add("lost_frames", totals.lost_frames)
        .add("repeated_frames", totals.repeated_frames)
        .add("frame_restarts", totals.frame_restarts)
        .add("frames_after_gap_not_key", totals.frames_after_gap_not_key)
        .add("not_key_starts", starts.not_key_starts)
        .add("resumes", totals.resumes)
        .add("resumes_not_key", totals.resumes_not_key)
        .add("longest_silence_ms", to_milliseconds(totals.longest_silence))
        .add("clock_deviation_ms", to_milliseconds(totals.clock_deviation));
}

void add_control(JsonLine& json, const Totals& totals) {
    json.add("sender_reports", totals.sender_reports).add("byes", totals.byes);
    if (totals.report_offset_minimum == std::numeric_limits<Nanoseconds>::max())
        return;
    json.begin_object("report_offset_ms")
        .add("min", to_milliseconds(totals.report_offset_minimum))
        .add("max", to_milliseconds(totals.report_offset_maximum))
        .end_object();
}

std::string line(const Histogram& histogram) {
    std::ostringstream text;
    text.precision(3);
    text << std::fixed << "p50 " << to_milliseconds(histogram.percentile(0.5)) << "  p95 "
         << to_milliseconds(histogram.percentile(0.95)) << "  p99 "
         << to_milliseconds(histogram.percentile(0.99)) << "  max "
         << to_milliseconds(histogram.maximum()) << " ms";
    return text.str();
}

} // namespace

std::string Swarm::json() const {
    const Counts counts = count();
    const Totals& totals = shared_.totals;
    JsonLine json;
    json.begin_object()
        .add("seconds", to_seconds(monotonic_now() - begun_))
        .add("started", started_)
        .add("playing", counts.playing)
        .add("fed", counts.fed)
        .add("disconnects", disconnects_);
    add_reasons(json, "failed", failed_);
    add_reasons(json, "ended", ended_);
    add_packets(json, totals);
    add_frames(json, totals, shared_.starts);
    add_control(json, totals);
    add_histogram(json, "latency_ms", totals.latency);
    add_histogram(json, "first_packet_ms", shared_.starts.first_packet);
    add_histogram(json, "first_key_frame_ms", shared_.starts.first_key_frame);
    return json.end_object().text();
}

std::string Swarm::text() const {
    const Counts counts = count();
    const Totals& totals = shared_.totals;
    const double seconds = to_seconds(monotonic_now() - begun_);
    std::ostringstream text;
    text << "players          " << counts.playing << " playing (" << counts.fed << " fed) of "
         << started_ << " started, " << disconnects_ << " disconnected\n";
    for (const auto& [reason, number] : failed_)
        text << "  failed         " << number << " × " << reason << "\n";
    for (const auto& [reason, number] : ended_)
        text << "  ended          " << number << " × " << reason << "\n";
    text << "packets          " << totals.packets << " ("
         << static_cast<double>(totals.packets) / seconds << "/s, "
         << static_cast<double>(totals.bytes) * 8e-6 / seconds << " Mbit/s)\n"
         << "sequence         " << totals.gaps << " gaps, " << totals.lost_packets << " lost, "
         << totals.reordered << " reordered, " << totals.duplicates << " duplicates, "
         << totals.ssrc_changes << " SSRC changes, " << totals.timestamps_back
         << " timestamps back, " << totals.malformed << " malformed\n"
         << "frames           " << totals.frames << " (" << totals.key_frames << " key), "
         << totals.lost_frames << " lost, " << totals.repeated_frames << " repeated, "
         << shared_.starts.not_key_starts << " starts without key frame\n"
         << "silences         " << totals.resumes << " (" << totals.resumes_not_key
         << " ended without key frame), longest " << to_milliseconds(totals.longest_silence)
         << " ms\n"
         << "latency          " << line(totals.latency) << "\n"
         << "first packet     " << line(shared_.starts.first_packet) << "\n"
         << "first key frame  " << line(shared_.starts.first_key_frame);
    return text.str();
}

} // namespace rtspproxy::bench
