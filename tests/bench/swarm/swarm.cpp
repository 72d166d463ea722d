#include "tests/bench/swarm/swarm.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace rtspproxy::bench {
namespace {

RtspClient::Options client_options(const SwarmOptions& options, std::uint64_t number) {
    const std::string& text = options.urls[number % options.urls.size()];
    const auto url = parse_url(text);
    const auto address = url ? resolve(url->host, url->port) : std::nullopt;
    if (!address)
        throw std::runtime_error("cannot resolve the host of a URL");
    RtspClient::Options result;
    result.url = *url;
    result.address = *address;
    result.credentials = options.credentials;
    if (!url->user.empty())
        result.credentials = {url->user, url->password};
    const bool udp = options.transport == TransportChoice::Udp ||
                     (options.transport == TransportChoice::Mixed && number % 2 == 1);
    result.transport = udp ? Transport::Udp : Transport::Tcp;
    result.audio = options.audio;
    result.udp_buffer = options.udp_buffer;
    result.answer_timeout = from_seconds(options.timeout);
    return result;
}

std::size_t number_of(const std::vector<std::string_view>& words) {
    if (words.size() < 2)
        return 1;
    return static_cast<std::size_t>(std::max(first_number(words[1]).value_or(0), 0));
}

} // namespace

Swarm::Swarm(Loop& loop, SwarmOptions options)
    : loop_(loop), options_(std::move(options)), shared_{loop, {}, {}, {}, {}} {}

void Swarm::start() {
    start_later(monotonic_now(), options_.clients);
    loop_.every(kSecond, [this] { remove_ended(); });
}

void Swarm::start_later(Nanoseconds when, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
        loop_.at(when + from_seconds(i / options_.ramp), [this] { start_player(); });
}

void Swarm::start_player() {
    players_.push_back(std::make_unique<Player>(shared_, client_options(options_, started_++),
                                                [this](bool had_played, const std::string& reason) {
                                                    on_player_ended(had_played, reason);
                                                }));
    Player* player = players_.back().get();
    player->start();
    if (options_.lifetime > 0)
        live_and_leave(player);
}

void Swarm::live_and_leave(Player* player) {
    thread_local std::minstd_rand random;
    std::uniform_real_distribution<double> spread(0.5, 1.5);
    const Nanoseconds end = monotonic_now() + from_seconds(options_.lifetime * spread(random));
    // remove() tells by the address: an ended player is kept until then.
    loop_.at(end, [this, player] {
        player->leave();
        remove(player);
        start_player();
    });
}

void Swarm::remove(const Player* player) {
    std::erase_if(players_, [&](const auto& other) { return other.get() == player; });
}

// Players that ended by themselves. With a lifetime they go when it is over.
void Swarm::remove_ended() {
    if (options_.lifetime <= 0)
        std::erase_if(players_, [](const auto& player) { return player->ended(); });
}

void Swarm::on_player_ended(bool had_played, const std::string& reason) {
    if (had_played) {
        ++disconnects_;
        ++ended_[reason];
    } else {
        ++failed_[reason];
    }
}

void Swarm::leave() {
    for (const auto& player : players_)
        player->leave();
}

void Swarm::reset() {
    shared_.totals = Totals{};
    begun_ = monotonic_now();
    for (const auto& player : players_)
        player->restart_clock();
}

void Swarm::pause(std::size_t count) {
    for (const auto& player : players_) {
        if (count > 0 && player->playing()) {
            player->set_paused(true);
            --count;
        }
    }
}

void Swarm::resume() {
    for (const auto& player : players_) {
        if (player->playing())
            player->set_paused(false);
    }
}

void Swarm::leave_some(std::size_t count) {
    for (const auto& player : players_) {
        if (count > 0 && player->playing()) {
            player->leave();
            --count;
        }
    }
}

std::string Swarm::run(const std::vector<std::string_view>& words) {
    const std::string_view command = words.front();
    if (command == "stats")
        return json();
    if (command == "reset")
        reset();
    else if (command == "pause")
        pause(number_of(words));
    else if (command == "resume")
        resume();
    else if (command == "leave")
        leave_some(number_of(words));
    else if (command == "join")
        start_later(monotonic_now(), static_cast<unsigned>(number_of(words)));
    else
        return "error unknown: " + std::string(command);
    return "ok";
}

Swarm::Counts Swarm::count() const {
    Counts counts;
    const Nanoseconds recent = monotonic_now() - kSecond;
    for (const auto& player : players_) {
        counts.playing += player->playing() ? 1 : 0;
        counts.fed += player->playing() && player->last_packet() > recent ? 1 : 0;
    }
    return counts;
}

bool Swarm::flawless() const {
    const Totals& totals = shared_.totals;
    const Counts counts = count();
    // With a lifetime there is always somebody who has just begun.
    const bool all_fed = counts.fed == players_.size() || options_.lifetime > 0;
    return failed_.empty() && ended_.empty() && all_fed && counts.fed > 0 &&
           totals.frames >= counts.fed && totals.latency.count() == totals.frames &&
           totals.gaps == 0 && totals.reordered == 0 && totals.duplicates == 0 &&
           totals.lost_frames == 0 && totals.repeated_frames == 0 && totals.frame_restarts == 0 &&
           totals.ssrc_changes == 0 && totals.timestamps_back == 0 && totals.malformed == 0;
}

} // namespace rtspproxy::bench
