#include "tests/support/scripted_camera.hpp"

#include "tests/support/deadline.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace rtspproxy::tests {
namespace {

Fd listen_anywhere() {
    auto listening = listen_tcp("127.0.0.1", 0, 64);
    if (!listening)
        throw std::runtime_error(listening.error().message);
    return std::move(*listening);
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

ScriptedCamera::Request parse(const std::string& message) {
    ScriptedCamera::Request request;
    const auto head_end = message.find("\r\n\r\n");
    std::size_t line = message.find("\r\n");
    const std::string first = message.substr(0, line);
    const auto space = std::min(first.find(' '), first.size());
    request.method = first.substr(0, space);
    request.url = first.substr(std::min(space + 1, first.size()));
    request.url = request.url.substr(0, request.url.find(' '));
    while (line < head_end) {
        const auto next = message.find("\r\n", line + 2);
        const std::string header = message.substr(line + 2, next - line - 2);
        const auto colon = std::min(header.find(": "), header.size());
        request.headers[lower(header.substr(0, colon))] =
            header.substr(std::min(colon + 2, header.size()));
        line = next;
    }
    request.body = message.substr(head_end + 4);
    return request;
}

std::vector<std::uint8_t> make_picture(unsigned number, std::size_t track) {
    constexpr unsigned kKeyFrames = 25;
    constexpr std::size_t kSize = 300;
    const bool audio = track == 1;
    const auto timestamp = number * (audio ? 160U : 1800U);
    const auto byte = [](unsigned value, unsigned shift) {
        return static_cast<std::uint8_t>(value >> shift);
    };
    std::vector<std::uint8_t> packet{0x80,
                                     static_cast<std::uint8_t>(audio ? 8 : 0x80 | 96),
                                     byte(number, 8),
                                     byte(number, 0),
                                     byte(timestamp, 24),
                                     byte(timestamp, 16),
                                     byte(timestamp, 8),
                                     byte(timestamp, 0),
                                     0x11,
                                     0x22,
                                     0x33,
                                     static_cast<std::uint8_t>(track)};
    packet.push_back(number % kKeyFrames == 0 ? 0x65 : 0x41);
    for (std::size_t i = 0; i < kSize; ++i)
        packet.push_back(byte(number + static_cast<unsigned>(i), 0));
    return packet;
}

} // namespace

std::string ScriptedCamera::Request::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found != headers.end() ? found->second : "";
}

ScriptedCamera::Connection::Connection(ScriptedCamera& camera, Fd socket)
    : camera_(camera), socket_(std::move(socket)), thread_([this] { run(); }) {}

std::optional<std::string> ScriptedCamera::Connection::read_message() {
    while (true) {
        if (buffer_.starts_with('$') && buffer_.size() >= 4) {
            const auto size =
                std::size_t{4} +
                static_cast<std::size_t>(static_cast<unsigned char>(buffer_[2])) * 256 +
                static_cast<unsigned char>(buffer_[3]);
            if (buffer_.size() >= size) {
                buffer_.erase(0, size);
                continue;
            }
        } else if (const auto end = buffer_.find("\r\n\r\n"); end != std::string::npos) {
            const auto request = parse(buffer_.substr(0, end + 4));
            const auto size =
                end + 4 + std::strtoul(request.header("content-length").c_str(), nullptr, 10);
            if (buffer_.size() >= size) {
                std::string message = buffer_.substr(0, size);
                buffer_.erase(0, size);
                return message;
            }
        }
        std::array<char, 4096> part{};
        const ssize_t got = recv(socket_.get(), part.data(), part.size(), 0);
        if (got <= 0)
            return std::nullopt;
        buffer_.append(part.data(), static_cast<std::size_t>(got));
    }
}

void ScriptedCamera::Connection::run() {
    while (const auto message = read_message()) {
        camera_.handle(*this, parse(*message));
        ++requests_;
    }
    close();
    if (media_.joinable())
        media_.join();
}

void ScriptedCamera::Connection::close() {
    open_ = false;
    shutdown(socket_.get(), SHUT_RDWR);
}

void ScriptedCamera::Connection::write(std::string_view bytes) {
    const std::lock_guard lock(writing_);
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void ScriptedCamera::Connection::answer(const Request& request, int status,
                                        const std::string& reason, const std::string& headers,
                                        const std::string& body) {
    write("RTSP/1.0 " + std::to_string(status) + " " + reason +
          "\r\nCSeq: " + request.header("cseq") + "\r\n" + headers +
          (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
          body);
}

std::string ScriptedCamera::Connection::set_up(const Request& request) {
    const std::string asked = request.header("transport");
    auto track = std::make_unique<Track>();
    std::string granted;
    if (const auto ports = asked.find("client_port="); ports != std::string::npos) {
        const auto port = std::atoi(asked.c_str() + ports + 12);
        track->socket = std::move(*bind_udp("127.0.0.1", 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect(track->socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        const unsigned own = local_port(track->socket);
        granted = "RTP/AVP;unicast;client_port=" + std::to_string(port) + "-" +
                  std::to_string(port + 1) + ";server_port=" + std::to_string(own) + "-" +
                  std::to_string(own + 1);
    } else {
        track->channel = next_channel_;
        granted = "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(next_channel_) + "-" +
                  std::to_string(next_channel_ + 1);
        next_channel_ += 2;
    }
    tracks_.push_back(std::move(track));
    return granted;
}

void ScriptedCamera::Connection::answer_plainly(const Request& request) {
    const std::string& method = request.method;
    if (method == "OPTIONS") {
        answer(request, 200, "OK",
               "Public: OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, GET_PARAMETER\r\n");
    } else if (method == "DESCRIBE") {
        answer(request, 200, "OK",
               "Content-Type: application/sdp\r\nContent-Base: " + request.url + "/\r\n",
               "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
               "a=control:*\r\n" +
                   camera_.script_.media);
    } else if (method == "SETUP") {
        const std::string transport = set_up(request);
        answer(request, 200, "OK",
               "Session: " + camera_.script_.session + "\r\nTransport: " + transport + "\r\n");
    } else if (method == "PLAY") {
        answer(request, 200, "OK", "Session: " + camera_.script_.session + "\r\n");
        start_media();
    } else if (!method.starts_with("RTSP/")) {
        if (method == "TEARDOWN" || method == "PAUSE")
            playing_ = false;
        answer(request);
    }
}

void ScriptedCamera::Connection::start_media() {
    if (!playing_.exchange(true) && !media_.joinable())
        media_ = std::thread([this] { send_media(); });
}

void ScriptedCamera::Connection::send_media() {
    auto due = Clock::now();
    for (unsigned picture = 0; open_ && playing_; ++picture) {
        for (std::size_t i = 0; i < tracks_.size() && i < camera_.sent_.size(); ++i) {
            const auto packet = make_picture(picture, i);
            camera_.sent_[i].add(packet);
            send(*tracks_[i], packet);
        }
        if (camera_.script_.after_picture)
            camera_.script_.after_picture(*this, picture);
        due += 20ms;
        std::this_thread::sleep_until(due);
    }
}

void ScriptedCamera::Connection::send(const Track& track, const std::vector<std::uint8_t>& packet) {
    const std::string bytes(packet.begin(), packet.end());
    if (!track.channel) {
        ::send(track.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return;
    }
    std::string frame{'$', static_cast<char>(*track.channel), static_cast<char>(bytes.size() >> 8U),
                      static_cast<char>(bytes.size())};
    write(frame + bytes);
}

ScriptedCamera::ScriptedCamera(Script script)
    : script_(std::move(script)), listening_(listen_anywhere()), port_(local_port(listening_)),
      thread_([this] { accept(); }) {}

ScriptedCamera::~ScriptedCamera() {
    stopping_ = true;
    thread_.join();
    cut();
    for (const auto& connection : connections_)
        connection->thread_.join();
}

void ScriptedCamera::accept() {
    while (!stopping_) {
        pollfd polled{listening_.get(), POLLIN, 0};
        if (poll(&polled, 1, 20) <= 0)
            continue;
        Fd socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket)
            continue;
        const std::lock_guard lock(mutex_);
        connections_.push_back(
            std::unique_ptr<Connection>(new Connection(*this, std::move(socket))));
    }
}

void ScriptedCamera::handle(Connection& connection, const Request& request) {
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
    }
    if (!script_.on_request || !script_.on_request(connection, request))
        connection.answer_plainly(request);
}

std::string ScriptedCamera::url(const std::string& path) const {
    return "rtsp://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<ScriptedCamera::Request> ScriptedCamera::requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::size_t ScriptedCamera::count(const std::string& method) {
    const auto all = requests();
    return static_cast<std::size_t>(std::ranges::count(all, method, &Request::method));
}

std::size_t ScriptedCamera::connections() {
    const std::lock_guard lock(mutex_);
    return connections_.size();
}

std::vector<RtpRecord> ScriptedCamera::sent(std::size_t track) {
    return sent_.at(track).packets();
}

void ScriptedCamera::cut() {
    const std::lock_guard lock(mutex_);
    for (const auto& connection : connections_)
        connection->close();
}

} // namespace rtspproxy::tests
