#include "app/delivery/track_fanout.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rtspproxy::delivery {
namespace {

// With fewer clients a batch gains nothing.
constexpr std::size_t kLeastBatch = 8;

} // namespace

TrackFanout::TrackFanout(const Format& format, const Options& options)
    : format_(format), caching_(options.cache_bytes > 0), batch_(options.batch),
      state_(GopCache(can_start(format) ? GopCache::Kind::KeyFrames : GopCache::Kind::Companion,
                      options.cache_bytes)) {}

bool TrackFanout::has_key_frames() const {
    return format_.codec != rtp::Codec::Unknown;
}

// A key frame begins a picture group only where an access unit begins: one that was sliced has
// starts of slices in its later lists, too.
bool TrackFanout::publish(const std::shared_ptr<AccessUnit>& unit, bool has_key_frame,
                          std::uint64_t now, bool has_picture) {
    const bool begins = last_timestamp_ != unit->timestamp();
    last_timestamp_ = unit->timestamp();
    unit->mark(has_key_frame && begins, has_picture, now);
    sent_packets_.fetch_add(static_cast<std::uint32_t>(unit->packets()));
    sent_octets_.fetch_add(static_cast<std::uint32_t>(unit->payload_bytes()));
    std::shared_ptr<const Receivers> receivers;
    const unsigned udp_clients = state_.with([&](State& state) {
        if (caching_)
            state.cache.add(unit);
        state.position =
            Position{static_cast<std::uint16_t>(unit->last_sequence() + 1), unit->timestamp(), now};
        receivers = state.receivers;
        return state.udp_clients;
    });
    auto given = deliver(*receivers, unit);
    given.packets += udp_clients * unit->packets();
    given.bytes += udp_clients * unit->packet_bytes();
    count(given);
    return udp_clients > 0;
}

Receiver::Outcome TrackFanout::deliver(const Receivers& receivers, const AccessUnitPtr& unit) {
    Receiver::Outcome sum;
    BatchSender* sender =
        batch_ && receivers.size() >= kLeastBatch ? BatchSender::of_this_thread() : nullptr;
    if (sender == nullptr) {
        for (const ReceiverPtr& receiver : receivers)
            sum += receiver->deliver(unit);
        return sum;
    }
    for (std::span<const ReceiverPtr> rest(receivers); !rest.empty();) {
        const auto part = rest.first(std::min(rest.size(), BatchSender::kSize));
        deliver_batch(part, unit, *sender, sum);
        rest = rest.subspan(part.size());
    }
    return sum;
}

// For each client one entry instead of one system call. Those that cannot be prepared come after
// the batch, when no other client's lock is held any more: one of them may belong to a batch of
// another track, whose thread waits for one of these, or to an entry of this very batch.
void TrackFanout::deliver_batch(std::span<const ReceiverPtr> receivers, const AccessUnitPtr& unit,
                                BatchSender& sender, Receiver::Outcome& sum) {
    std::array<Send, BatchSender::kSize> sends;
    std::array<Receiver*, BatchSender::kSize> prepared;
    std::array<Receiver*, BatchSender::kSize> others;
    std::size_t count = 0;
    std::size_t left = 0;
    for (const ReceiverPtr& receiver : receivers) {
        if (receiver->prepare(unit, sends[count]))
            prepared[count++] = receiver.get();
        else
            others[left++] = receiver.get();
    }
    sender.run(std::span(sends).first(count));
    for (std::size_t i = 0; i < count; ++i)
        sum += prepared[i]->finish(unit, sends[i]);
    for (std::size_t i = 0; i < left; ++i)
        sum += others[i]->deliver(unit);
}

void TrackFanout::count(const Receiver::Outcome& outcome) {
    counters_.packets.fetch_add(outcome.packets, std::memory_order_relaxed);
    counters_.bytes.fetch_add(outcome.bytes, std::memory_order_relaxed);
    counters_.discarded.fetch_add(outcome.discarded, std::memory_order_relaxed);
    counters_.kicked.fetch_add(outcome.kicked, std::memory_order_relaxed);
}

bool TrackFanout::publish_rtcp(const RtcpPtr& packet) {
    std::shared_ptr<const Receivers> receivers;
    const bool udp = state_.with([&](State& state) {
        receivers = state.receivers;
        return state.udp_clients > 0;
    });
    for (const ReceiverPtr& receiver : *receivers)
        receiver->deliver_rtcp(packet);
    return udp;
}

std::optional<std::uint64_t> TrackFanout::start(std::uint64_t now) {
    return state_.lock()->cache.start(now);
}

void TrackFanout::forget_pictures() {
    state_.lock()->cache.clear();
}

TrackFanout::Joined TrackFanout::look(State& state, std::optional<std::uint64_t> from,
                                      std::uint64_t now) const {
    Joined joined;
    joined.position = state.position;
    if (from)
        joined.burst = state.cache.burst(*from, now);
    return joined;
}

TrackFanout::Joined TrackFanout::join(const ReceiverPtr& receiver,
                                      std::optional<std::uint64_t> from, std::uint64_t now) {
    return state_.with([&](State& state) {
        // Copied, so that the streaming thread needs the lock only to get the list.
        auto receivers = std::make_shared<Receivers>(*state.receivers);
        receivers->push_back(receiver);
        state.receivers = std::move(receivers);
        return look(state, from, now);
    });
}

TrackFanout::Joined TrackFanout::join_udp(std::optional<std::uint64_t> from, std::uint64_t now) {
    Joined joined = state_.with([&](State& state) {
        ++state.udp_clients;
        return look(state, from, now);
    });
    for (const AccessUnitPtr& unit : joined.burst)
        count(Receiver::Outcome::of(*unit));
    return joined;
}

void TrackFanout::begin(Receiver& receiver, std::vector<AccessUnitPtr> burst) {
    count(receiver.begin(std::move(burst)));
}

void TrackFanout::leave(const ReceiverPtr& receiver) {
    count(receiver->end());
    state_.with([&](State& state) {
        auto receivers = std::make_shared<Receivers>(*state.receivers);
        std::erase(*receivers, receiver);
        state.receivers = std::move(receivers);
    });
}

void TrackFanout::leave_udp() {
    state_.with([](State& state) { --state.udp_clients; });
}

} // namespace rtspproxy::delivery
