#include "tests/support/black_hole.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

namespace rtspproxy::tests {

namespace {

// Begins to connect; true: the other side has taken the connection.
bool is_taken(const Fd& socket, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    pollfd polled{socket.get(), POLLOUT, 0};
    return ::poll(&polled, 1, 100) == 1;
}

} // namespace

BlackHole::BlackHole(Kind kind) {
    auto listening = listen_tcp("127.0.0.1", 0, kind == Kind::Mute ? 128 : 0);
    if (!listening)
        throw std::runtime_error(listening.error().message);
    listening_ = std::move(*listening);
    if (kind == Kind::Mute)
        return;
    // Fills the queue of those that wait to be accepted; from then on the kernel drops every SYN.
    constexpr int kMost = 16;
    for (int count = 0; count < kMost; ++count) {
        fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!is_taken(fillers_.back(), local_port(listening_)))
            return;
    }
    throw std::runtime_error("every connection is taken");
}

void BlackHole::make_room() {
    fillers_.pop_back(); // which was not taken, and would be the one that is
    accepted_.emplace_back(::accept(listening_.get(), nullptr, nullptr));
}

std::string BlackHole::url() const {
    return "rtsp://127.0.0.1:" + std::to_string(port()) + "/live";
}

} // namespace rtspproxy::tests
