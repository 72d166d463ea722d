#include "tests/support/packet_camera.hpp"

#include "tests/support/deadline.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <stdexcept>

namespace rtspproxy::tests {
namespace {

constexpr auto kStep = 10ms;

Fd listen_anywhere() {
    auto listening = listen_tcp("127.0.0.1", 0, 16);
    if (!listening)
        throw std::runtime_error(listening.error().message);
    return std::move(*listening);
}

// The value of a header that is written as rtspsrc writes it.
std::string header_of(const std::string& request, const std::string& name) {
    const auto begin = request.find("\r\n" + name + ": ");
    if (begin == std::string::npos)
        return "";
    const auto value = begin + name.size() + 4;
    return request.substr(value, request.find("\r\n", value) - value);
}

// UDP to a port of 127.0.0.1.
Fd udp_to(const std::string& source, std::uint16_t port) {
    auto socket = bind_udp(source.empty() ? "127.0.0.1" : source, 0);
    if (!socket)
        return {};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return std::move(*socket);
}

} // namespace

PacketBytes PacketStream::packet(const PacketBytes& payload, bool marker) {
    const auto byte = [](std::uint32_t value, unsigned shift) {
        return static_cast<std::uint8_t>(value >> shift);
    };
    PacketBytes bytes{0x80,
                      static_cast<std::uint8_t>(payload_type | (marker ? 0x80U : 0U)),
                      byte(sequence, 8),
                      byte(sequence, 0),
                      byte(timestamp, 24),
                      byte(timestamp, 16),
                      byte(timestamp, 8),
                      byte(timestamp, 0),
                      byte(ssrc, 24),
                      byte(ssrc, 16),
                      byte(ssrc, 8),
                      byte(ssrc, 0)};
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    ++sequence;
    return bytes;
}

PacketBytes picture_payload(unsigned number, bool key_frame) {
    PacketBytes payload(300);
    payload[0] = key_frame ? 0x65 : 0x41;
    payload[1] = static_cast<std::uint8_t>(number >> 8U);
    payload[2] = static_cast<std::uint8_t>(number);
    return payload;
}

class PacketCamera::Connection : public PacketCamera::Sender {
  public:
    Connection(PacketCamera& camera, Fd socket)
        : camera_(camera), socket_(std::move(socket)), thread_([this] { run(); }) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override {
        close();
        thread_.join();
    }
    void close() {
        open_ = false;
        shutdown(socket_.get(), SHUT_RDWR);
    }

    void rtp(std::size_t track, const PacketBytes& packet) override { send(track, 0, packet); }
    void rtcp(std::size_t track, const PacketBytes& packet) override { send(track, 1, packet); }
    [[nodiscard]] std::uint16_t client_port(std::size_t track) const override {
        return tracks_.at(track).client_port;
    }

  private:
    struct Track {
        std::uint16_t client_port = 0; // 0: TCP
        std::array<Fd, 2> udp;         // of RTP and RTCP
    };

    void run();
    void handle(const std::string& request);
    [[nodiscard]] std::string set_up(const std::string& transport);
    void answer(const std::string& request, const std::string& headers,
                const std::string& body = "");
    void send(std::size_t track, unsigned kind, const PacketBytes& packet);
    void write(const std::string& bytes);
    void send_media();

    PacketCamera& camera_;
    const Fd socket_;
    std::mutex writing_;
    std::vector<Track> tracks_; // does not change once it plays
    std::atomic<bool> open_{true};
    std::thread media_;
    std::thread thread_;
};

void PacketCamera::Connection::run() {
    std::string buffer;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = recv(socket_.get(), part.data(), part.size(), 0)) > 0;) {
        buffer.append(part.data(), static_cast<std::size_t>(got));
        while (true) {
            if (buffer.starts_with('$') && buffer.size() >= 4) { // a report, which nobody reads
                const auto size = std::size_t{4} +
                                  static_cast<unsigned char>(buffer[2]) * std::size_t{256} +
                                  static_cast<unsigned char>(buffer[3]);
                if (buffer.size() < size)
                    break;
                buffer.erase(0, size);
                continue;
            }
            const auto end = buffer.find("\r\n\r\n");
            if (end == std::string::npos)
                break;
            const std::string request = buffer.substr(0, end + 4);
            const auto body =
                std::strtoul(header_of(request, "Content-Length").c_str(), nullptr, 10);
            if (buffer.size() < request.size() + body)
                break;
            buffer.erase(0, request.size() + body);
            handle(request);
        }
    }
    close();
    if (media_.joinable())
        media_.join();
}

void PacketCamera::Connection::handle(const std::string& request) {
    const std::string session = "Session: 4711\r\n";
    if (request.starts_with("OPTIONS")) {
        answer(request, "Public: OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, GET_PARAMETER\r\n");
    } else if (request.starts_with("DESCRIBE")) {
        answer(request, "Content-Type: application/sdp\r\nContent-Base: " + camera_.url() + "/\r\n",
               "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
               "a=control:*\r\n" +
                   camera_.script_.media);
    } else if (request.starts_with("SETUP")) {
        answer(request, session + "Transport: " + set_up(header_of(request, "Transport")) + "\r\n");
    } else if (request.starts_with("PLAY")) {
        answer(request, session);
        ++camera_.plays_;
        if (!media_.joinable())
            media_ = std::thread([this] { send_media(); });
    } else {
        answer(request, session);
    }
}

std::string PacketCamera::Connection::set_up(const std::string& transport) {
    Track track;
    const auto ports = transport.find("client_port=");
    std::string granted;
    if (ports == std::string::npos) {
        const auto channel = 2 * tracks_.size();
        granted = "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(channel) + "-" +
                  std::to_string(channel + 1);
    } else {
        const std::string& source = camera_.script_.source;
        track.client_port =
            static_cast<std::uint16_t>(std::strtoul(transport.c_str() + ports + 12, nullptr, 10));
        for (std::uint16_t i = 0; i < 2; ++i)
            track.udp[i] = udp_to(source, static_cast<std::uint16_t>(track.client_port + i));
        granted = "RTP/AVP;unicast;client_port=" + std::to_string(track.client_port) + "-" +
                  std::to_string(track.client_port + 1) +
                  ";server_port=" + std::to_string(local_port(track.udp[0])) + "-" +
                  std::to_string(local_port(track.udp[1])) +
                  (source.empty() ? "" : ";source=" + source);
    }
    tracks_.push_back(std::move(track));
    return granted;
}

void PacketCamera::Connection::answer(const std::string& request, const std::string& headers,
                                      const std::string& body) {
    write("RTSP/1.0 200 OK\r\nCSeq: " + header_of(request, "CSeq") + "\r\n" + headers +
          (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
          body);
}

void PacketCamera::Connection::send(std::size_t track, unsigned kind, const PacketBytes& packet) {
    if (track >= tracks_.size())
        return;
    if (tracks_[track].client_port != 0) {
        ::send(tracks_[track].udp[kind].get(), packet.data(), packet.size(), MSG_NOSIGNAL);
        return;
    }
    std::string frame{'$', static_cast<char>(2 * track + kind),
                      static_cast<char>(packet.size() >> 8U), static_cast<char>(packet.size())};
    frame.append(packet.begin(), packet.end());
    write(frame);
}

void PacketCamera::Connection::write(const std::string& bytes) {
    const std::lock_guard lock(writing_);
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t more =
            ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (more <= 0)
            return;
        sent += static_cast<std::size_t>(more);
    }
}

void PacketCamera::Connection::send_media() {
    auto due = Clock::now();
    for (unsigned step = 0; open_; ++step) {
        camera_.script_.on_step(*this, step);
        due += kStep;
        std::this_thread::sleep_until(due);
    }
}

PacketCamera::PacketCamera(Script script)
    : script_(std::move(script)), listening_(listen_anywhere()), port_(local_port(listening_)),
      thread_([this] { accept(); }) {}

PacketCamera::~PacketCamera() {
    stopping_ = true;
    thread_.join();
}

void PacketCamera::accept() {
    while (!stopping_) {
        pollfd polled{listening_.get(), POLLIN, 0};
        if (poll(&polled, 1, 20) <= 0)
            continue;
        Fd socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket)
            connections_.push_back(std::make_unique<Connection>(*this, std::move(socket)));
    }
}

std::string PacketCamera::url() const {
    return "rtsp://127.0.0.1:" + std::to_string(port_) + "/live";
}

} // namespace rtspproxy::tests
