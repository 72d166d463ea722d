#include "tests/bench/swarm/player.hpp"

#include <algorithm>
#include <utility>

namespace rtspproxy::bench {

Player::Player(PlayerShared& shared, const RtspClient::Options& options, OnEnded on_ended)
    : shared_(shared), on_ended_(std::move(on_ended)),
      client_(std::make_unique<RtspClient>(shared.loop, shared.buffer, options,
                                           static_cast<RtspClient::Listener&>(*this))) {}

void Player::on_set_up() {
    auto& tracks = client_->tracks();
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        checkers_.emplace_back(tracks[i].media, shared_.totals, shared_.starts);
        if (!tracks[i].udp)
            continue;
        const int rtp = tracks[i].udp->rtp.get();
        const int rtcp = tracks[i].udp->rtcp.get();
        shared_.loop.watch(rtp, EPOLLIN, [this, i](std::uint32_t) { read_media(i); });
        shared_.loop.watch(rtcp, EPOLLIN, [this, i](std::uint32_t) { read_control(i); });
        datagram_sockets_.insert(datagram_sockets_.end(), {rtp, rtcp});
    }
}

void Player::stop_reading() {
    for (const int fd : std::exchange(datagram_sockets_, {}))
        shared_.loop.forget(fd);
}

void Player::leave() {
    stop_reading();
    client_->leave();
    playing_ = false;
    ended_ = true;
}

void Player::on_ended(const std::string& reason) {
    stop_reading();
    ended_ = true;
    on_ended_(std::exchange(playing_, false), reason);
}

void Player::set_paused(bool paused) {
    client_->set_paused(paused);
    for (const int fd : datagram_sockets_)
        shared_.loop.change(fd, paused ? 0U : static_cast<std::uint32_t>(EPOLLIN));
}

void Player::restart_clock() {
    for (StreamChecker& checker : checkers_)
        checker.restart_clock();
}

Nanoseconds Player::last_packet() const {
    Nanoseconds last = 0;
    for (const StreamChecker& checker : checkers_)
        last = std::max(last, checker.last_packet());
    return last;
}

void Player::on_packet(std::uint8_t channel, std::span<std::uint8_t> packet, Nanoseconds now) {
    const auto& tracks = client_->tracks();
    for (std::size_t i = 0; i < checkers_.size(); ++i) {
        if (channel == tracks[i].channel)
            return checkers_[i].on_packet(packet, now, client_->play_sent());
        if (channel == tracks[i].channel + 1)
            return checkers_[i].on_control(packet, now);
    }
    ++shared_.totals.malformed;
}

void Player::read_media(std::size_t track) {
    const int fd = client_->tracks()[track].udp->rtp.get();
    const std::size_t count = shared_.datagrams.read(fd);
    const Nanoseconds now = monotonic_now();
    for (std::size_t i = 0; i < count; ++i)
        checkers_[track].on_packet(shared_.datagrams.datagram(i), now, client_->play_sent());
}

void Player::read_control(std::size_t track) {
    const int fd = client_->tracks()[track].udp->rtcp.get();
    const std::size_t count = shared_.datagrams.read(fd);
    for (std::size_t i = 0; i < count; ++i)
        checkers_[track].on_control(shared_.datagrams.datagram(i), monotonic_now());
}

} // namespace rtspproxy::bench
