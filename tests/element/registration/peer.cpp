#include "tests/element/registration/peer.hpp"

#include "plugins/registration/response.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace rtspproxy::tests {

namespace {

Fd connect_from(const std::string& from, const std::string& to, std::uint16_t port) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, from.c_str(), &address.sin_addr);
    if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return {};
    address.sin_port = htons(port);
    inet_pton(AF_INET, to.c_str(), &address.sin_addr);
    if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return {};
    return socket;
}

} // namespace

Peer::Peer(std::uint16_t port, const std::string& to, const std::string& from) {
    if (!from.empty()) {
        socket_ = connect_from(from, to, port);
    } else if (auto socket = connect_tcp(to, port, kPatience); socket) {
        socket_ = std::move(*socket);
    }
    EXPECT_TRUE(static_cast<bool>(socket_)) << "cannot connect to " << to << " port " << port;
    set_options();
}

Peer::Peer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    set_options();
}

void Peer::connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
        << "cannot connect to port " << port;
}

void Peer::set_options() {
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    timeval limit{.tv_sec = std::chrono::seconds(kPatience).count(), .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

void Peer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return; // the element has closed: the test sees it in what it reads
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void Peer::send_slowly(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        send(bytes.substr(i, 1));
}

void Peer::finish_sending() {
    shutdown(socket_.get(), SHUT_WR);
}

std::string Peer::response() {
    std::string text;
    char byte = 0;
    while (!text.ends_with("\r\n\r\n") && recv(socket_.get(), &byte, 1, 0) == 1)
        text += byte;
    return text;
}

unsigned Peer::status() {
    const auto parsed = registration::parse_response(response());
    return parsed ? parsed->status : 0;
}

std::string Peer::bytes(std::size_t count) {
    std::string text(count, '\0');
    const ssize_t got = recv(socket_.get(), text.data(), text.size(), MSG_WAITALL);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

bool Peer::ends() {
    char byte = 0;
    const ssize_t got = recv(socket_.get(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

std::string register_request(const std::string& url, const std::string& transport,
                             const std::string& headers, const std::string& method) {
    return method + " " + url + " RTSP/1.0\r\nCSeq: 2\r\n" + headers + "Transport: " + transport +
           "\r\n\r\n";
}

std::string header_of(const std::string& response, const std::string& name) {
    const auto parsed = registration::parse_response(response);
    const std::string* value = parsed ? parsed->headers.find(name) : nullptr;
    return value == nullptr ? "" : *value;
}

} // namespace rtspproxy::tests
