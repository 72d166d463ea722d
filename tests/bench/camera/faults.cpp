#include "tests/bench/camera/faults.hpp"

#include "tests/bench/common/json_line.hpp"

#include <cstdlib>

namespace rtspproxy::bench {
namespace {

constexpr const char* kHelp =
    "close | rst (all connections) ; refuse | accept (the listener) ; blackhole | answer ; "
    "transports tcp|udp|both ; udp mute|send ; password [TEXT] (none: no login) ; stall | resume "
    "[STREAM] ; "
    "sdp normal|profile|h265|tracks ; pt NUMBER ; ssrc ; bye ; report ; loss PERCENT ; "
    "reorder PERCENT ; skew SECONDS ; stats ; quit";

double number(std::string_view word) {
    return std::strtod(std::string(word).c_str(), nullptr);
}

} // namespace

std::string Faults::run(const Words& words) {
    const std::string_view command = words.front();
    if (command == "help")
        return kHelp;
    if (command == "stats")
        return statistics();
    if (run_connection_fault(words) || run_stream_fault(words))
        return "ok";
    return "error unknown or failed: " + std::string(command);
}

bool Faults::run_connection_fault(const Words& words) {
    const std::string_view command = words.front();
    if (command == "close" || command == "rst")
        server_.close_connections(command == "rst");
    else if (command == "refuse")
        server_.stop_listening();
    else if (command == "accept")
        return server_.start_listening();
    else if (command == "blackhole" || command == "answer")
        server_.set_answering(command == "answer");
    else if (command == "password")
        set_password(words);
    else if (command == "transports" && words.size() > 1)
        server_.set_transports(words[1] != "udp", words[1] != "tcp");
    else if (command == "udp" && words.size() > 1)
        server_.udp().set_muted(words[1] == "mute");
    else
        return false;
    return true;
}

void Faults::set_password(const Words& words) {
    if (words.size() < 2) {
        server_.set_authenticator(std::nullopt);
        return;
    }
    Credentials credentials = options_.credentials.value_or(Credentials{"user", ""});
    credentials.password = words[1];
    server_.set_authenticator(Authenticator(credentials, options_.auth));
}

bool Faults::run_stream_fault(const Words& words) {
    const std::string_view command = words.front();
    const double value = words.size() > 1 ? number(words[1]) : 0;
    if (command == "sdp")
        return words.size() > 1 && describe_as(words[1]);
    std::size_t index = 0;
    for (const auto& stream : streams_) {
        ++index;
        if (command == "stall" || command == "resume") {
            if (words.size() < 2 || static_cast<std::size_t>(value) == index)
                stream->set_stalled(command == "stall");
        } else if (command == "ssrc") {
            stream->change_source();
        } else if (command == "bye" || command == "report") {
            stream->send_reports(command == "bye");
        } else if (command == "loss") {
            stream->video().impairment().set_loss(value);
        } else if (command == "reorder") {
            stream->video().impairment().set_reorder(value);
        } else if (command == "pt" || command == "skew") {
            StreamSettings settings = stream->settings();
            if (command == "pt")
                settings.video.payload_type = static_cast<std::uint8_t>(value);
            else
                settings.clock_skew = from_seconds(value);
            stream->change(settings);
        } else {
            return false;
        }
    }
    return true;
}

bool Faults::describe_as(std::string_view variant) {
    StreamSettings settings = options_.stream;
    if (variant == "profile") {
        settings.video.format.profile = Profile::Main;
        settings.video.format.width = 704;
        settings.video.format.height = 576;
    } else if (variant == "h265") {
        settings.video.codec = Codec::H265;
    } else if (variant == "tracks") {
        settings.audio = !settings.audio;
    } else if (variant != "normal") {
        return false;
    }
    for (const auto& stream : streams_) {
        settings.video.payload_type = stream->settings().video.payload_type;
        settings.clock_skew = stream->settings().clock_skew;
        stream->change(settings);
    }
    return true;
}

std::string Faults::statistics() const {
    const ServerCounters& counters = server_.counters();
    JsonLine json;
    json.begin_object()
        .add("connections", server_.connections())
        .add("connections_ever", counters.connections)
        .add("sessions", server_.sessions())
        .add("sessions_ever", counters.sessions)
        .add("unauthorized", counters.unauthorized)
        .add("expired", counters.expired)
        .begin_object("requests");
    for (const char* method : {"OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER",
                               "SET_PARAMETER", "TEARDOWN"}) {
        const auto count = counters.requests.find(method);
        json.add(method, count == counters.requests.end() ? 0 : count->second);
    }
    json.end_object().begin_array("streams");
    for (const auto& stream : streams_) {
        json.begin_object()
            .add("sessions", server_.sessions_of(*stream))
            .add("video_players", stream->video().fanout().players())
            .add("audio_players", stream->audio().fanout().players())
            .add("access_units", stream->video().units())
            .add("video_packets", stream->video().rtp().packets)
            .add("audio_packets", stream->audio().rtp().packets)
            .add("ssrc", stream->video().rtp().ssrc)
            .add("packets_dropped", stream->video().impairment().lost())
            .add("packets_reordered", stream->video().impairment().reordered())
            .add("receiver_reports", stream->reception_reports())
            .add("last_fraction_lost", stream->last_report().fraction_lost)
            .add("last_packets_lost", stream->last_report().packets_lost)
            .end_object();
    }
    return json.end_array().end_object().text();
}

} // namespace rtspproxy::bench
