#include "plugins/registration/connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace rtspproxy::registration {

Connection::~Connection() {
    if (socket_)
        g_socket_close(socket_.get(), nullptr);
}

Connection::Peeked Connection::peek(std::span<char> buffer, std::string_view& bytes) {
    while (true) {
        const ssize_t got = recv(descriptor(), buffer.data(), buffer.size(), MSG_PEEK);
        if (got > 0) {
            bytes = std::string_view(buffer.data(), static_cast<std::size_t>(got));
            return Peeked::Bytes;
        }
        if (got < 0 && errno == EINTR)
            continue;
        return got < 0 && errno == EAGAIN ? Peeked::NothingYet : Peeked::Closed;
    }
}

bool Connection::consume(std::size_t length) {
    std::array<char, 4096> discarded;
    while (length > 0) {
        const ssize_t got =
            recv(descriptor(), discarded.data(), std::min(length, discarded.size()), 0);
        if (got > 0)
            length -= static_cast<std::size_t>(got);
        else if (got == 0 || errno != EINTR)
            return false;
    }
    return true;
}

bool Connection::send(std::string_view text) {
    ssize_t sent = -1;
    do {
        sent = ::send(descriptor(), text.data(), text.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(text.size());
}

void Connection::finish() {
    constexpr int kMaxReads = 16;
    std::array<char, 4096> discarded;
    shutdown(descriptor(), SHUT_WR);
    for (int i = 0; i < kMaxReads; ++i)
        if (recv(descriptor(), discarded.data(), discarded.size(), 0) <= 0)
            break;
}

GSocket* Connection::socket() {
    if (!socket_) {
        socket_ = Ref<GSocket>::adopt(g_socket_new_from_fd(descriptor_.get(), nullptr));
        if (socket_)
            (void)descriptor_.release();
    }
    return socket_.get();
}

int Connection::descriptor() const {
    return socket_ ? g_socket_get_fd(socket_.get()) : descriptor_.get();
}

} // namespace rtspproxy::registration
