#include "tests/bench/client/rtsp_client.hpp"

#include <cstring>
#include <utility>

namespace rtspproxy::bench {

RtspClient::RtspClient(Loop& loop, ReadBuffer& buffer, Options options, Listener& listener)
    : loop_(loop), buffer_(buffer), options_(std::move(options)), listener_(listener) {}

RtspClient::~RtspClient() {
    disconnect();
}

void RtspClient::disconnect() {
    if (timer_)
        loop_.cancel(*timer_);
    timer_.reset();
    if (!fd_)
        return;
    loop_.forget(fd_.get());
    fd_.reset();
}

void RtspClient::end(const std::string& reason) {
    if (step_ == Step::Ended)
        return;
    step_ = Step::Ended;
    disconnect();
    listener_.on_ended(reason);
}

void RtspClient::start() {
    fd_ = connect_tcp(options_.address);
    if (!fd_)
        return end(std::string("connect: ") + std::strerror(errno));
    loop_.watch(fd_.get(), EPOLLOUT, [this](std::uint32_t events) { on_ready(events); });
    timer_ = loop_.at(monotonic_now() + options_.answer_timeout, [this] {
        timer_.reset();
        end(step_ == Step::Connect ? "connect: timeout" : method_ + ": no answer");
    });
}

void RtspClient::leave() {
    if (!session_.empty() && fd_)
        request("TEARDOWN", base_, "");
    step_ = Step::Ended;
    disconnect();
}

void RtspClient::set_paused(bool paused) {
    if (fd_)
        loop_.change(fd_.get(), paused ? 0U : static_cast<std::uint32_t>(EPOLLIN));
}

void RtspClient::on_ready(std::uint32_t events) {
    if (step_ == Step::Connect) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0 || (events & EPOLLHUP) != 0)
            return end(std::string("connect: ") + std::strerror(error));
        loop_.change(fd_.get(), EPOLLIN);
        step_ = Step::Options;
        return request("OPTIONS", options_.url.text(), "");
    }
    arrival_ = 0;
    const ReadState state = reader_.read(fd_.get(), buffer_, *this);
    if (step_ == Step::Ended)
        return;
    listener_.on_packets_end();
    if (state == ReadState::Closed)
        end("closed by the server");
    else if (state == ReadState::Failed)
        end("connection reset");
    else if (state == ReadState::Malformed)
        end("malformed data");
}

bool RtspClient::on_frame(std::uint8_t channel, std::span<std::uint8_t> packet) {
    if (arrival_ == 0)
        arrival_ = monotonic_now();
    listener_.on_packet(channel, packet, arrival_);
    return step_ != Step::Ended;
}

bool RtspClient::on_message(const Message& message) {
    if (message.is_response())
        on_answer(message);
    return step_ != Step::Ended;
}

void RtspClient::request(const std::string& method, const std::string& uri,
                         const std::string& headers) {
    method_ = method;
    uri_ = uri;
    headers_ = headers;
    repeated_ = false;
    repeat_request();
}

void RtspClient::repeat_request() {
    std::string text = method_ + " " + uri_ + " RTSP/1.0\r\nCSeq: " + std::to_string(++sequence_) +
                       "\r\nUser-Agent: bench-swarm\r\n" + headers_;
    if (!session_.empty())
        text += "Session: " + session_ + "\r\n";
    if (!challenge_.empty())
        text +=
            "Authorization: " + answer_challenge(challenge_, options_.credentials, method_, uri_) +
            "\r\n";
    text += "\r\n";
    // A request fits into the socket buffer, or the server has been dead for long.
    ::send(fd_.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void RtspClient::on_answer(const Message& answer) {
    const int status = answer.status();
    if (status == 401 && !options_.credentials.user.empty() && !repeated_) {
        challenge_ = answer.header("WWW-Authenticate");
        repeated_ = true;
        return repeat_request();
    }
    if (step_ == Step::Playing)
        return; // to a keep-alive
    if (status != 200)
        return end(method_ + ": " + std::to_string(status));
    switch (step_) {
    case Step::Options:
        step_ = Step::Describe;
        return request("DESCRIBE", options_.url.text(), "Accept: application/sdp\r\n");
    case Step::Describe:
        return on_described(answer);
    case Step::SetUp:
        return on_track_set_up(answer);
    case Step::Play:
        step_ = Step::Playing;
        loop_.cancel(*timer_);
        timer_ = loop_.at(monotonic_now() + keep_alive_interval_, [this] { keep_alive(); });
        return listener_.on_playing();
    default:
        return;
    }
}

void RtspClient::on_described(const Message& answer) {
    base_ = answer.header("Content-Base");
    if (base_.empty())
        base_ = options_.url.text();
    description_ = answer.body;
    for (MediaSection& section : parse_description(answer.body, base_)) {
        if (section.kind == "video" || options_.audio)
            wanted_.push_back(std::move(section));
    }
    if (wanted_.empty())
        return end("DESCRIBE: no media");
    step_ = Step::SetUp;
    set_up_next();
}

void RtspClient::set_up_next() {
    ClientTrack track;
    track.media = wanted_[tracks_.size()];
    track.channel = static_cast<std::uint8_t>(2 * tracks_.size());
    std::string transport;
    if (options_.transport == Transport::Tcp) {
        transport = "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(track.channel) + "-" +
                    std::to_string(track.channel + 1);
    } else {
        track.udp = bind_udp_pair(local_address(fd_.get()), options_.udp_buffer, 0);
        if (!track.udp)
            return end("no free UDP ports");
        const int port = track.udp->rtp_port();
        transport =
            "RTP/AVP;unicast;client_port=" + std::to_string(port) + "-" + std::to_string(port + 1);
    }
    const std::string control = track.media.control;
    tracks_.push_back(std::move(track));
    request("SETUP", control, "Transport: " + transport + "\r\n");
}

void RtspClient::on_track_set_up(const Message& answer) {
    ClientTrack& track = tracks_.back();
    const std::string_view transport = answer.header("Transport");
    if (const auto channels = parameter(transport, "interleaved"))
        track.channel = static_cast<std::uint8_t>(first_number(*channels).value_or(track.channel));
    if (const auto ports = parameter(transport, "server_port"))
        track.server_control_port =
            static_cast<std::uint16_t>(first_number(*ports).value_or(0) + 1);
    const std::string_view session = answer.header("Session");
    session_ = session.substr(0, session.find(';'));
    if (const auto timeout = parameter(session, "timeout"))
        keep_alive_interval_ = first_number(*timeout).value_or(60) * kSecond / 2;
    if (tracks_.size() < wanted_.size())
        return set_up_next();
    play();
}

void RtspClient::play() {
    step_ = Step::Play;
    listener_.on_set_up();
    play_sent_ = monotonic_now();
    request("PLAY", base_, "Range: npt=0.000-\r\n");
}

void RtspClient::keep_alive() {
    request("GET_PARAMETER", base_, "");
    timer_ = loop_.at(monotonic_now() + keep_alive_interval_, [this] { keep_alive(); });
}

} // namespace rtspproxy::bench
