#include "tests/support/rtsp_player.hpp"

#include "tests/support/process.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <ostream>

namespace rtspproxy::tests {

namespace {

// The a=control values of the SDP's media.
std::vector<std::string> controls_of(const std::string& sdp) {
    constexpr std::string_view kControl = "a=control:";
    std::vector<std::string> controls;
    for (const auto& line : split_lines(sdp)) {
        if (line.rfind("m=", 0) == 0)
            controls.emplace_back();
        else if (!controls.empty() && line.rfind(kControl, 0) == 0)
            controls.back() = line.substr(kControl.size());
    }
    return controls;
}

std::string absolute_url(const std::string& base, const std::string& control) {
    if (control.rfind("rtsp://", 0) == 0)
        return control;
    return base + (base.ends_with('/') ? "" : "/") + control;
}

void receive_datagrams(const Fd& socket, const std::function<void(std::span<std::uint8_t>)>& take) {
    std::array<std::uint8_t, 65536> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (;;) {
        const auto size = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (size < 0)
            return;
        take(std::span(bytes).first(static_cast<std::size_t>(size)));
    }
}

} // namespace

const char* to_string(PlayerTransport transport) {
    switch (transport) {
    case PlayerTransport::Tcp:
        return "tcp";
    case PlayerTransport::Udp:
        return "udp";
    case PlayerTransport::Http:
        break;
    }
    return "http";
}

void PrintTo(PlayerTransport transport, std::ostream* stream) {
    *stream << to_string(transport);
}

RtspPlayer::~RtspPlayer() {
    disconnect();
}

Result<void> RtspPlayer::play() {
    auto connection = transport_ == PlayerTransport::Http ? RtspConnection::connect_tunnel(url_)
                                                          : RtspConnection::connect(url_);
    if (!connection)
        return tl::unexpected(connection.error());
    connection_.emplace(std::move(*connection));
    connection_->on_frame([this](const InterleavedFrame& frame) { take_frame(frame); });
    connected_ = true;
    if (auto described = describe(); !described)
        return described;
    for (std::size_t index = 0; index < tracks_.size(); ++index)
        if (auto done = setup(index); !done)
            return done;
    auto response =
        connection_->request("PLAY", base_url_, {"Session: " + session_, "Range: npt=0-"});
    if (!response)
        return tl::unexpected(response.error());
    if (response->status != 200)
        return failure("PLAY: " + std::to_string(response->status) + " " + response->reason);
    play_response_ = std::move(*response);
    thread_ = std::thread([this] { receive(); });
    return {};
}

Result<void> RtspPlayer::describe() {
    auto response = connection_->request("DESCRIBE", request_url_, {"Accept: application/sdp"});
    if (!response)
        return tl::unexpected(response.error());
    if (response->status != 200)
        return failure("DESCRIBE: " + std::to_string(response->status) + " " + response->reason);
    sdp_ = response->body;
    base_url_ = response->header("content-base");
    if (base_url_.empty())
        base_url_ = request_url_;
    for (const auto& control : controls_of(sdp_)) {
        auto track = std::make_unique<Track>();
        track->control = control;
        tracks_.push_back(std::move(track));
    }
    return {};
}

Result<std::string> RtspPlayer::transport_header(Track& track, std::size_t index) const {
    if (transport_ != PlayerTransport::Udp)
        return "Transport: RTP/AVP/TCP;unicast;interleaved=" + std::to_string(index * 2) + "-" +
               std::to_string(index * 2 + 1);
    const auto url = parse_rtsp_url(url_);
    const std::string address =
        url && url->host.find(':') != std::string::npos ? "::1" : "127.0.0.1";
    const auto port = free_port();
    auto rtp = bind_udp(address, port);
    auto rtcp = bind_udp(address, static_cast<std::uint16_t>(port + 1));
    if (!rtp || !rtcp)
        return failure("no UDP ports");
    const int size = 1 << 20;
    setsockopt(rtp->get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    track.rtp = std::move(*rtp);
    track.rtcp = std::move(*rtcp);
    return "Transport: RTP/AVP;unicast;client_port=" + std::to_string(port) + "-" +
           std::to_string(port + 1);
}

Result<void> RtspPlayer::setup(std::size_t index) {
    Track& track = *tracks_[index];
    const auto transport = transport_header(track, index);
    if (!transport)
        return tl::unexpected(transport.error());
    RtspConnection::Headers headers{*transport};
    if (!session_.empty())
        headers.push_back("Session: " + session_);
    auto response = connection_->request("SETUP", absolute_url(base_url_, track.control), headers);
    if (!response)
        return tl::unexpected(response.error());
    if (response->status != 200)
        return failure("SETUP: " + std::to_string(response->status) + " " + response->reason);
    const auto session = response->header("session");
    session_ = session.substr(0, session.find(';'));
    return {};
}

void RtspPlayer::take_frame(const InterleavedFrame& frame) {
    const std::size_t index = frame.channel / 2U;
    if (index >= tracks_.size())
        return;
    if (frame.channel % 2 == 0)
        tracks_[index]->log.add(frame.data);
    else
        ++tracks_[index]->rtcp_count;
}

void RtspPlayer::receive() {
    std::vector<pollfd> polled{{connection_->fd(), POLLIN, 0}};
    for (const auto& track : tracks_) {
        polled.push_back({track->rtp.get(), POLLIN, 0});
        polled.push_back({track->rtcp.get(), POLLIN, 0});
    }
    while (!stopping_) {
        if (::poll(polled.data(), polled.size(), 50) <= 0)
            continue;
        if (polled[0].revents != 0 && !connection_->read_frames()) {
            connected_ = false;
            polled[0].fd = -1;
        }
        for (const auto& track : tracks_) {
            if (!track->rtp)
                continue;
            receive_datagrams(track->rtp, [&](auto bytes) { track->log.add(bytes); });
            receive_datagrams(track->rtcp, [&](auto) { ++track->rtcp_count; });
        }
    }
}

void RtspPlayer::stop_receiving() {
    stopping_ = true;
    if (thread_.joinable())
        thread_.join();
}

// Within the session.
Result<void> RtspPlayer::ask(const std::string& method) {
    const auto response = connection_->request(method, base_url_, {"Session: " + session_});
    if (!response)
        return tl::unexpected(response.error());
    if (response->status != 200)
        return failure(method + ": " + std::to_string(response->status) + " " + response->reason);
    return {};
}

Result<void> RtspPlayer::pause() {
    stop_receiving();
    return ask("PAUSE");
}

Result<void> RtspPlayer::teardown() {
    stop_receiving();
    auto done = ask("TEARDOWN");
    connection_->close();
    connected_ = false;
    return done;
}

void RtspPlayer::disconnect() {
    stop_receiving();
    if (connection_)
        connection_->close();
    connected_ = false;
}

std::vector<RtpRecord> RtspPlayer::packets(std::size_t track) {
    return tracks_.at(track)->log.packets();
}
std::size_t RtspPlayer::count(std::size_t track) {
    return tracks_.at(track)->log.count();
}
std::size_t RtspPlayer::rtcp_count(std::size_t track) {
    return tracks_.at(track)->rtcp_count;
}

bool RtspPlayer::wait_packets(std::size_t count, std::size_t track, Clock::duration patience) {
    return eventually([&] { return this->count(track) >= count; }, patience);
}

} // namespace rtspproxy::tests
