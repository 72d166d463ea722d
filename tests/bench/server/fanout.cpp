#include "tests/bench/server/fanout.hpp"

#include "tests/bench/common/bytes.hpp"

#include <algorithm>

namespace rtspproxy::bench {
namespace {

constexpr std::size_t kFrameHeader = StreamReader::kFrameHeader;

void set_channel(std::span<std::uint8_t> framed, std::uint8_t channel) {
    for (std::size_t at = 0; at + kFrameHeader <= framed.size();
         at += kFrameHeader + read_u16(framed, at + 2))
        framed[at + 1] = channel;
}

void frame(std::span<const std::uint8_t> packet, std::uint8_t channel,
           std::vector<std::uint8_t>& framed) {
    framed.push_back('$');
    framed.push_back(channel);
    framed.push_back(static_cast<std::uint8_t>(packet.size() >> 8U));
    framed.push_back(static_cast<std::uint8_t>(packet.size()));
    framed.insert(framed.end(), packet.begin(), packet.end());
}

} // namespace

void Fanout::add_tcp(Connection& connection, std::uint8_t channel) {
    const auto place = std::upper_bound(
        tcp_.begin(), tcp_.end(), channel,
        [](std::uint8_t left, const TcpPlayer& right) { return left < right.channel; });
    tcp_.insert(place, TcpPlayer{&connection, channel});
}

void Fanout::add_udp(Connection& connection, const Address& rtp, const Address& rtcp) {
    udp_owners_.push_back(&connection);
    udp_rtp_.push_back(rtp);
    udp_rtcp_.push_back(rtcp);
}

void Fanout::remove(const Connection& connection) {
    std::erase_if(tcp_, [&](const TcpPlayer& player) { return player.connection == &connection; });
    for (std::size_t i = udp_owners_.size(); i > 0; --i) {
        if (udp_owners_[i - 1] != &connection)
            continue;
        const auto at = static_cast<std::ptrdiff_t>(i - 1);
        udp_owners_.erase(udp_owners_.begin() + at);
        udp_rtp_.erase(udp_rtp_.begin() + at);
        udp_rtcp_.erase(udp_rtcp_.begin() + at);
    }
}

void Fanout::send(const PacketBatch& unit, const PacketBatch* impaired, bool key_frame) {
    if (!udp_rtp_.empty())
        udp_.send(impaired != nullptr ? *impaired : unit, udp_rtp_);
    if (tcp_.empty())
        return;
    framed_.clear();
    const std::uint8_t channel = tcp_.front().channel;
    std::size_t at = 0;
    for (const std::uint16_t size : unit.sizes()) {
        frame(std::span(unit.bytes()).subspan(at, size), channel, framed_);
        at += size;
    }
    std::uint8_t current = channel;
    for (const TcpPlayer& player : tcp_) {
        if (player.channel != current)
            set_channel(framed_, current = player.channel);
        player.connection->send_media(framed_, key_frame);
    }
}

void Fanout::send_framed(std::span<std::uint8_t> framed, std::uint8_t channel) {
    for (const TcpPlayer& player : tcp_) {
        if (player.channel != channel)
            set_channel(framed, channel = player.channel);
        player.connection->send_media(framed, true);
    }
}

void Fanout::send_control(std::span<const std::uint8_t> packet) {
    for (const TcpPlayer& player : tcp_) {
        framed_.clear();
        frame(packet, static_cast<std::uint8_t>(player.channel + 1), framed_);
        player.connection->send_media(framed_, false);
    }
    udp_.send_control(packet, udp_rtcp_);
}

} // namespace rtspproxy::bench
