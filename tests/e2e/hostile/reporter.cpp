#include "tests/e2e/hostile/reporter.hpp"

#include "plugins/rtp/packet.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace rtspproxy::tests {
namespace {

Bytes packet(std::uint8_t count, std::uint8_t type, std::initializer_list<std::uint32_t> words) {
    Bytes bytes(4 + 4 * words.size());
    bytes[0] = static_cast<std::uint8_t>(0x80U | count);
    bytes[1] = type;
    rtp::write_u16(bytes, 2, static_cast<std::uint16_t>(words.size()));
    std::size_t at = 4;
    for (const std::uint32_t word : words) {
        rtp::write_u32(bytes, at, word);
        at += 4;
    }
    return bytes;
}

// The number behind "name=" in a Transport header; of a range the last.
std::optional<std::uint64_t> parameter(const std::string& header, const std::string& name,
                                       int base) {
    const auto at = header.find(";" + name + "=");
    if (at == std::string::npos)
        return std::nullopt;
    auto value = header.substr(at + name.size() + 2);
    value = value.substr(0, value.find(';'));
    return std::stoull(value.substr(value.find('-') + 1), nullptr, base);
}

template <class Take>
void receive_all(const Fd& socket, Take take) {
    std::array<std::uint8_t, 65536> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (;;) {
        const auto size = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (size <= 0)
            return;
        take(std::span(bytes).first(static_cast<std::size_t>(size)));
    }
}

} // namespace

Bytes receiver_report(std::uint32_t ssrc) {
    return packet(0, 201, {ssrc});
}
Bytes sender_report(std::uint32_t ssrc) {
    return packet(0, 200, {ssrc, 0xe000'0000, 0, 1, 1, 100});
}
Bytes description(std::uint32_t ssrc) {
    return packet(1, 202, {ssrc, 0x0102'6d65, 0}); // CNAME "me"
}
Bytes goodbye(std::uint32_t ssrc) {
    return packet(1, 203, {ssrc});
}

bool send_datagram(const Fd& socket, std::uint16_t port, const Bytes& packet) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::sendto(socket.get(), packet.data(), packet.size(), 0,
                    reinterpret_cast<const sockaddr*>(&address),
                    sizeof address) == static_cast<ssize_t>(packet.size());
}

bool ReportingPlayer::play() {
    auto connection = transport_ == PlayerTransport::Http ? RtspConnection::connect_tunnel(url_)
                                                          : RtspConnection::connect(url_);
    if (!connection) {
        ADD_FAILURE() << connection.error().message;
        return false;
    }
    connection_.emplace(std::move(*connection));
    connection_->on_frame([this](const InterleavedFrame& frame) {
        frame.channel == 0 ? take_rtp(frame.data) : take_rtcp(frame.data);
    });
    const auto described = connection_->request("DESCRIBE", url_);
    EXPECT_TRUE(described && described->status == 200);
    if (!setup())
        return false;
    const auto played = connection_->request("PLAY", url_, {"Session: " + session_});
    EXPECT_TRUE(played && played->status == 200);
    return played && played->status == 200;
}

bool ReportingPlayer::setup() {
    std::string transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
    if (transport_ == PlayerTransport::Udp) {
        const auto port = free_port();
        auto rtp = bind_udp("127.0.0.1", port);
        auto rtcp = bind_udp("127.0.0.1", static_cast<std::uint16_t>(port + 1));
        if (!rtp || !rtcp)
            return false;
        rtp_ = std::move(*rtp);
        rtcp_ = std::move(*rtcp);
        const int size = 4 << 20;
        setsockopt(rtp_.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        transport =
            "RTP/AVP;unicast;client_port=" + std::to_string(port) + "-" + std::to_string(port + 1);
    }
    const auto answer =
        connection_->request("SETUP", url_ + "/stream=0", {"Transport: " + transport});
    if (!answer || answer->status != 200) {
        ADD_FAILURE() << "SETUP: " << (answer ? answer->reason : answer.error().message);
        return false;
    }
    session_ = answer->header("session");
    session_ = session_.substr(0, session_.find(';'));
    const std::string said = answer->header("transport");
    announced_ssrc_ = static_cast<std::uint32_t>(parameter(said, "ssrc", 16).value_or(0));
    server_rtcp_port_ = static_cast<std::uint16_t>(parameter(said, "server_port", 10).value_or(0));
    EXPECT_EQ(said.find(";interleaved=0-1") == std::string::npos,
              transport_ == PlayerTransport::Udp)
        << said;
    return true;
}

bool ReportingPlayer::send(const Bytes& packet, bool rtcp) {
    if (transport_ == PlayerTransport::Udp)
        return send_datagram(rtcp ? rtcp_ : rtp_,
                             static_cast<std::uint16_t>(server_rtcp_port_ - (rtcp ? 0 : 1)),
                             packet);
    std::string frame{'$', static_cast<char>(rtcp ? 1 : 0), static_cast<char>(packet.size() >> 8),
                      static_cast<char>(packet.size())};
    frame.append(packet.begin(), packet.end());
    return connection_->send(frame).has_value();
}

void ReportingPlayer::take_rtp(std::span<const std::uint8_t> packet) {
    const auto view = rtp::PacketView::parse(packet);
    if (!view)
        return;
    ++seen_.packets;
    seen_.ssrcs.insert(view->ssrc());
    if (last_sequence_ && view->sequence() != static_cast<std::uint16_t>(*last_sequence_ + 1))
        ++seen_.gaps;
    last_sequence_ = view->sequence();
}

void ReportingPlayer::take_rtcp(std::span<const std::uint8_t> packet) {
    while (packet.size() >= 8) {
        if (packet[1] == 200) {
            ++seen_.sender_reports;
            seen_.ssrcs.insert(rtp::read_u32(packet, 4));
        }
        seen_.goodbyes += packet[1] == 203 ? 1 : 0;
        const std::size_t size = (std::size_t{rtp::read_u16(packet, 2)} + 1) * 4;
        packet = packet.subspan(std::min(size, packet.size()));
    }
}

const ReportingPlayer::Seen& ReportingPlayer::look() {
    for (auto before = seen_.packets + 1; before != seen_.packets;) {
        before = seen_.packets;
        if (!connection_->read_frames())
            break;
    }
    receive_all(rtp_, [this](auto bytes) { take_rtp(bytes); });
    receive_all(rtcp_, [this](auto bytes) { take_rtcp(bytes); });
    return seen_;
}

} // namespace rtspproxy::tests
