#include "tests/support/rtsp_connection.hpp"

#include "plugins/support/deleter.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

namespace rtspproxy::tests {
namespace {

const std::string kTunnelled = "application/x-rtsp-tunnelled";

} // namespace

Result<RtspConnection> RtspConnection::connect(const std::string& url) {
    const auto address = parse_rtsp_url(url);
    if (!address)
        return failure("not an RTSP URL: " + url);
    auto socket = connect_tcp(address->host, address->port, 5s);
    if (!socket)
        return tl::unexpected(socket.error());
    return RtspConnection(std::move(*socket));
}

Result<RtspConnection> RtspConnection::connect_tunnel(const std::string& url) {
    auto down = connect(url);
    auto up = connect(url);
    if (!down || !up)
        return tl::unexpected((down ? up : down).error());
    const std::string path = url.substr(url.find('/', std::string("rtsp://").size()));
    static std::atomic<unsigned> count{0};
    const std::string head = " " + path + " HTTP/1.0\r\nx-sessioncookie: test" +
                             std::to_string(getpid()) + "x" + std::to_string(++count) + "\r\n";
    if (auto sent = down->send("GET" + head + "Accept: " + kTunnelled + "\r\n\r\n"); !sent)
        return tl::unexpected(sent.error());
    if (auto answered = down->skip_http_answer(); !answered)
        return tl::unexpected(answered.error());
    if (auto sent = up->send("POST" + head + "Content-Type: " + kTunnelled +
                             "\r\nContent-Length: 32767\r\n\r\n");
        !sent)
        return tl::unexpected(sent.error());
    down->tunnel_ = std::move(up->socket_);
    return down;
}

// Byte by byte, so that nothing of what follows is taken.
Result<void> RtspConnection::skip_http_answer() {
    std::string answer;
    while (!answer.ends_with("\r\n\r\n")) {
        pollfd polled{socket_.get(), POLLIN, 0};
        char byte = 0;
        if (::poll(&polled, 1, 5000) <= 0 || ::recv(socket_.get(), &byte, 1, 0) != 1)
            return failure("no answer to the tunnel's GET: " + answer);
        answer += byte;
    }
    if (!answer.starts_with("HTTP/1.") || answer.substr(8, 5) != " 200 ")
        return failure("no tunnel: " + answer);
    return {};
}

Result<void> RtspConnection::send(const std::string& text) {
    std::string bytes = text;
    if (tunnel_)
        bytes = GCharPtr(g_base64_encode(reinterpret_cast<const guchar*>(text.data()), text.size()))
                    .get();
    if (::send((tunnel_ ? tunnel_ : socket_).get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size()))
        return failure("the server does not take the request");
    return {};
}

Result<RtspResponse> RtspConnection::request(const std::string& method, const std::string& url,
                                             const Headers& headers, Clock::duration patience) {
    std::string text = method + " " + url + " RTSP/1.0\r\nCSeq: " + std::to_string(++sequence_);
    for (const auto& header : headers)
        text += "\r\n" + header;
    if (const auto sent = send(text + "\r\n\r\n"); !sent)
        return tl::unexpected(sent.error());
    for (const auto deadline = Clock::now() + patience;;) {
        auto message = receive(deadline - Clock::now());
        if (!message)
            return failure("no response to " + method + " " + url + ": " + message.error().message);
        if (const auto* frame = std::get_if<InterleavedFrame>(&*message); frame && handler_)
            handler_(*frame);
        if (auto* response = std::get_if<RtspResponse>(&*message))
            return std::move(*response);
    }
}

Result<RtspMessage> RtspConnection::receive(Clock::duration patience) {
    for (const auto deadline = Clock::now() + patience;;) {
        if (auto message = parser_.next())
            return std::move(*message);
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd polled{socket_.get(), POLLIN, 0};
        if (left <= 0 || ::poll(&polled, 1, static_cast<int>(left)) <= 0)
            return failure("nothing came in time");
        if (!read_once())
            return failure("the server closed the connection");
    }
}

bool RtspConnection::read_frames() {
    pollfd polled{socket_.get(), POLLIN, 0};
    if (::poll(&polled, 1, 0) > 0 && !read_once())
        return false;
    while (const auto message = parser_.next())
        if (const auto* frame = std::get_if<InterleavedFrame>(&*message); frame && handler_)
            handler_(*frame);
    return true;
}

bool RtspConnection::read_once() {
    std::array<char, 65536> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
    const auto size = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (size > 0)
        parser_.feed(chunk.data(), static_cast<std::size_t>(size));
    return size > 0;
}

Result<RtspResponse> rtsp_request(const std::string& method, const std::string& url,
                                  const RtspConnection::Headers& headers) {
    auto connection = RtspConnection::connect(url);
    if (!connection)
        return tl::unexpected(connection.error());
    return connection->request(method, url, headers);
}

} // namespace rtspproxy::tests
