#include "app/backend/exchange/refusals.hpp"

#include "app/backend/exchange/transport.hpp"

#include <algorithm>

namespace rtspproxy::backend::exchange {
namespace {

constexpr int kUnsupportedTransport = 461;
// More SETUPs are not told apart.
constexpr std::size_t kMaxTracks = 64;

// Wrong or missing passwords are another matter.
bool is_refusal(int status) {
    return status >= 300 && status != 401 && status != 407;
}

std::string words_of(const Message& answer) {
    return std::to_string(answer.status) + (answer.reason.empty() ? "" : " ") + answer.reason;
}

Refusals::Track* track_at(Refusals& refusals, const std::string& url) {
    const auto found = std::ranges::find_if(
        refusals.tracks, [&url](const Refusals::Track& each) { return each.url == url; });
    if (found != refusals.tracks.end())
        return &*found;
    if (refusals.tracks.size() >= kMaxTracks)
        return nullptr;
    refusals.tracks.push_back({refusals.tracks.size() + 1, url, {}});
    return &refusals.tracks.back();
}

} // namespace

std::vector<const Refusals::Track*> Refusals::refused() const {
    std::vector<const Track*> refused;
    for (const Track& each : tracks)
        if (!each.answer.empty())
            refused.push_back(&each);
    return refused;
}

bool Refusals::all_unsupported() const {
    return std::ranges::all_of(tracks, [](const Track& each) {
        return each.answer.starts_with(std::to_string(kUnsupportedTransport));
    });
}

std::string Refusals::reason() const {
    if (!fatal.empty())
        return fatal;
    const bool all = !tracks.empty() && refused().size() == tracks.size();
    return all ? "back end answered " + tracks.front().answer + " to SETUP" : "";
}

std::optional<Message> RefusalRule::on_request(Request& request) {
    if (request.message.method == "SETUP")
        refusals_->lock()->udp = is_udp(request.message.value_or("Transport", ""));
    return std::nullopt;
}

Verdict RefusalRule::on_answer(Request& request, Message& answer) {
    const std::string& method = request.message.method;
    const bool refused = is_refusal(answer.status);
    auto refusals = refusals_->lock();
    if (method == "PLAY") {
        refusals->fatal =
            refused ? "back end answered " + words_of(answer) + " to PLAY" : std::string();
    } else if (method == "SETUP") {
        if (auto* track = track_at(*refusals, request.message.url))
            track->answer = refused ? words_of(answer) : std::string();
        if (refused)
            answer.status = kUnsupportedTransport;
    }
    return Verdict::Pass;
}

// Closing the connection is an answer, too.
void RefusalRule::on_end(const std::deque<Request>& unanswered) {
    for (const Request& each : unanswered)
        if (each.message.method == "SETUP" || each.message.method == "PLAY")
            refusals_->lock()->fatal = "back end closed the connection on " + each.message.method;
}

} // namespace rtspproxy::backend::exchange
