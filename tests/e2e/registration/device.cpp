#include "tests/e2e/registration/device.hpp"

#include "plugins/auth/digest.hpp"
#include "plugins/auth/parameters.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/rtp_source_packet.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace rtspproxy::tests {
namespace {

constexpr const char* kRealm = "a device";
constexpr const char* kNonce = "7c1f6a0d2b";
constexpr auto kPacketInterval = 10ms;
constexpr PacketShape kShape{.ssrc = 0x0badcafe, .timestamp_step = 900, .plain = true};

const std::string kSdp = std::string("v=0\r\n"
                                     "o=- 1 1 IN IP4 0.0.0.0\r\n"
                                     "s=device\r\n"
                                     "c=IN IP4 0.0.0.0\r\n"
                                     "t=0 0\r\n"
                                     "a=control:rtsp://inside.invalid:1554/media/\r\n"
                                     "m=video 0 RTP/AVP 96\r\n"
                                     "a=rtpmap:96 x-private/90000\r\n"
                                     "a=control:") +
                         Device::kControl + "\r\n";

// What the answer to a method holds besides the status line and CSeq.
std::string headers_of(std::string_view method) {
    if (method == "OPTIONS")
        return "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n\r\n";
    if (method == "DESCRIBE")
        return "Content-Base: rtsp://nowhere.invalid/elsewhere/\r\nContent-Type: "
               "application/sdp\r\n"
               "Content-Length: " +
               std::to_string(kSdp.size()) + "\r\n\r\n" + kSdp;
    if (method == "SETUP")
        return "Session: 4711;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n";
    return "Session: 4711\r\n\r\n";
}

} // namespace

Device::Device(std::uint16_t proxy_port, const std::string& suffix) {
    if (auto connected = connect_tcp("127.0.0.1", proxy_port, kPatience))
        socket_ = std::move(*connected);
    send("REGISTER " + std::string(kUrl) +
         " RTSP/1.0\r\nCSeq: 1\r\nTransport: reuse_connection; "
         "preferred_delivery_protocol=interleaved; proxy_url_suffix=" +
         suffix + "\r\n\r\n");
    thread_ = std::thread([this] { run(); });
}

Device::~Device() {
    stopping_ = true;
    thread_.join();
}

bool Device::wait_registered() const {
    return eventually([this] { return registered_.load(); });
}

int Device::count(const std::string& method) {
    const auto all = requests();
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const std::string& request) {
        return request.starts_with(method + " ");
    }));
}

void Device::run() {
    auto next = Clock::now();
    while (!stopping_) {
        pollfd polled{socket_.get(), POLLIN, 0};
        if (poll(&polled, 1, 2) > 0 && !receive())
            return;
        if (Clock::now() < next)
            continue;
        next += kPacketInterval;
        if (playing_)
            send_packet();
    }
}

bool Device::receive() {
    std::array<char, 4096> chunk{};
    const auto size = recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (size <= 0)
        return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    while (take_message()) {
    }
    return !confused_;
}

// Of what has come in: a frame (RTCP, which it does not read), or a request. False: not all of it
// is there.
bool Device::take_message() {
    if (buffer_.starts_with('$')) {
        constexpr std::size_t kFrameHeader = 4;
        if (buffer_.size() < kFrameHeader)
            return false;
        const auto byte = [this](std::size_t at) {
            return static_cast<unsigned char>(buffer_[at]);
        };
        const std::size_t size = kFrameHeader + (static_cast<std::size_t>(byte(2)) << 8U) + byte(3);
        if (buffer_.size() < size)
            return false;
        buffer_.erase(0, size);
        return true;
    }
    const auto end = registration::find_header_end(buffer_);
    if (end.state != registration::HeaderEnd::State::Complete) {
        confused_ = end.state == registration::HeaderEnd::State::Malformed;
        return false;
    }
    const auto head = registration::parse_head(std::string_view(buffer_).substr(0, end.length));
    confused_ = !head;
    const auto* length = head ? head->headers.find("Content-Length") : nullptr;
    const auto body =
        length != nullptr ? registration::parse_number(*length, 65535).value_or(0) : 0;
    if (confused_ || buffer_.size() < end.length + body)
        return false;
    buffer_.erase(0, end.length + body);
    if (head->start_line.starts_with("RTSP/1.0 "))
        registered_ = head->start_line.starts_with("RTSP/1.0 200");
    else
        answer(*head);
    return true;
}

void Device::answer(const registration::MessageHead& request) {
    const std::string method = request.start_line.substr(0, request.start_line.find(' '));
    const auto* number = request.headers.find("CSeq");
    const std::string sequence = "CSeq: " + (number != nullptr ? *number : "") + "\r\n";
    if (!admitted(request, method)) {
        send("RTSP/1.0 401 Unauthorized\r\n" + sequence + "WWW-Authenticate: Digest realm=\"" +
             kRealm + "\", nonce=\"" + kNonce + "\"\r\n\r\n");
        return;
    }
    requests_.lock()->push_back(request.start_line.substr(0, request.start_line.rfind(' ')));
    send("RTSP/1.0 200 OK\r\n" + sequence + headers_of(method));
    if (method == "PLAY")
        playing_ = true;
    else if (method == "TEARDOWN")
        playing_ = false;
}

bool Device::admitted(const registration::MessageHead& request, std::string_view method) {
    const auto* authorization = request.headers.find("Authorization");
    if (method == "OPTIONS" || authorization == nullptr)
        return method == "OPTIONS";
    const auto given = auth::parse_digest_parameters(*authorization);
    const auto parameter = [&given](const char* name) {
        const auto found = given ? given->find(name) : decltype(given->end()){};
        return given && found != given->end() ? found->second : std::string();
    };
    const std::string uri = parameter("uri");
    const bool right = parameter("username") == kUser && parameter("nonce") == kNonce &&
                       parameter("response") == auth::digest_response({.user = kUser,
                                                                       .realm = kRealm,
                                                                       .password = kPassword,
                                                                       .nonce = kNonce,
                                                                       .method = method,
                                                                       .uri = uri});
    wrong_logins_ += right ? 0 : 1;
    return right;
}

void Device::send(const std::string& text) {
    ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
}

void Device::send_packet() {
    const auto packet = make_packet(kShape, next_packet_++);
    log_.add(packet);
    std::string frame{'$', '\0', static_cast<char>(packet.size() >> 8U),
                      static_cast<char>(packet.size() & 0xffU)};
    frame.append(packet.begin(), packet.end());
    send(frame);
}

} // namespace rtspproxy::tests
