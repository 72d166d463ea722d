#include "app/backend/tap/conversation.hpp"

#include "app/backend/message_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rtspproxy::backend {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace

gssize Conversation::write(std::span<const std::uint8_t> bytes, GCancellable* cancellable,
                           GError** error) {
    if (!take(bytes)) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                            "sending: the back end does not read");
        return -1;
    }
    return outlet_.flush(cancellable, error) ? static_cast<gssize>(bytes.size()) : -1;
}

// Splits what rtspsrc writes, which may come in parts. False: there is no room for it.
bool Conversation::take(std::span<const std::uint8_t> bytes) {
    using Kind = InterleavedSplitter::Piece::Kind;
    held_.append(bytes.begin(), bytes.end());
    std::string_view rest = held_;
    bool room = true;
    while (!rest.empty()) {
        const auto piece = splitter_.next(bytes_of(rest));
        if (piece.kind == Kind::Incomplete)
            break;
        if (piece.kind == Kind::Frame) {
            room = outlet_.add(std::string(rest.substr(0, piece.length))) && room;
        } else if (piece.kind == Kind::Text) {
            message_ += rest.substr(0, piece.length);
            if (piece.ends)
                room = exchange_.with([&](Shared& shared) {
                    return pass(shared.exchange->from_source(std::exchange(message_, {})),
                                shared.answers);
                }) && room;
        }
        rest.remove_prefix(std::min(std::max<std::size_t>(piece.length, 1), rest.size()));
    }
    held_.erase(0, held_.size() - rest.size());
    return room;
}

Conversation::Messages Conversation::receive(std::string_view message) {
    MessageLog::received(name_, message);
    Messages to_source;
    exchange_.with([&](Shared& shared) {
        const std::uint64_t before = shared.exchange->mended();
        pass(shared.exchange->from_camera(message), to_source);
        ledger_->mended_answers.fetch_add(shared.exchange->mended() - before,
                                          std::memory_order_relaxed);
    });
    outlet_.flush_now();
    return to_source;
}

Conversation::Messages Conversation::take_answers() {
    return std::exchange(exchange_.lock()->answers, {});
}

bool Conversation::has_answers() {
    return !exchange_.lock()->answers.empty();
}

void Conversation::end() {
    exchange_.lock()->exchange->end();
}

bool Conversation::ask(exchange::Message request) {
    Messages none;
    const bool room = exchange_.with(
        [&](Shared& shared) { return pass(shared.exchange->ask(std::move(request)), none); });
    outlet_.flush_now();
    return room;
}

bool Conversation::pass(exchange::Deliveries deliveries, Messages& to_source) {
    bool room = true;
    for (std::string& message : deliveries.to_camera) {
        MessageLog::sent(name_, message);
        room = outlet_.add(std::move(message)) && room;
    }
    std::ranges::move(deliveries.to_source, std::back_inserter(to_source));
    return room;
}

} // namespace rtspproxy::backend
