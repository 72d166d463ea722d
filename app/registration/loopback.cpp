#include "app/registration/loopback.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace rtspproxy::registration_app {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

bool same_address(const sockaddr_in& one, const sockaddr_in& other) {
    return one.sin_family == other.sin_family && one.sin_port == other.sin_port &&
           one.sin_addr.s_addr == other.sin_addr.s_addr;
}

using NameOf = int (*)(int, sockaddr*, socklen_t*);

bool has_address(int socket, NameOf name_of, const sockaddr_in& wanted) {
    sockaddr_in address{};
    socklen_t length = sizeof(address);
    return name_of(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
           length == sizeof(address) && same_address(address, wanted);
}

// TCP does not tell who is at the other end; but if it is this process, the other end is among its
// descriptors.
bool is_own_socket(const sockaddr_in& local, const sockaddr_in& peer) {
    const std::unique_ptr<DIR, CloseDirectory> directory(opendir("/proc/self/fd"));
    if (!directory)
        return false;
    while (const dirent* entry = readdir(directory.get())) {
        const int descriptor = std::atoi(entry->d_name); // "." and "..": 0, which does no harm
        if (has_address(descriptor, getsockname, local) &&
            has_address(descriptor, getpeername, peer))
            return true;
    }
    return false;
}

tl::unexpected<Error> system_failure(const char* what) {
    return failure(std::string("cannot ") + what + ": " + std::strerror(errno));
}

} // namespace

Result<LoopbackListener> listen_on_loopback() {
    LoopbackListener listener;
    listener.socket =
        FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (!listener.socket)
        return system_failure("make a socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    constexpr int kBacklog = 16;
    if (bind(listener.socket.get(), generic, length) != 0 ||
        listen(listener.socket.get(), kBacklog) != 0 ||
        getsockname(listener.socket.get(), generic, &length) != 0)
        return system_failure("listen on 127.0.0.1");
    listener.port = ntohs(address.sin_port);
    return listener;
}

FileDescriptor accept_own(int listener) {
    sockaddr_in peer{};
    socklen_t length = sizeof(peer);
    FileDescriptor accepted(accept4(listener, reinterpret_cast<sockaddr*>(&peer), &length,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    sockaddr_in own{};
    length = sizeof(own);
    if (!accepted || getsockname(accepted.get(), reinterpret_cast<sockaddr*>(&own), &length) != 0 ||
        !is_own_socket(peer, own))
        return {};
    return accepted;
}

bool hung_up(int socket) {
    pollfd poll_descriptor{socket, POLLRDHUP, 0};
    return poll(&poll_descriptor, 1, 0) > 0;
}

} // namespace rtspproxy::registration_app
