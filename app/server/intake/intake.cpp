#include "app/server/intake/intake.hpp"

#include "app/server/intake/client_stream.hpp"
#include "plugins/registration/listening_socket.hpp"

#include <nlohmann/json.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace rtspproxy::server {
namespace {

// What limits per address go by; see Peer::limit_key.
std::string limit_key_of(GSocket* socket, const std::string& address) {
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    if (getpeername(g_socket_get_fd(socket), reinterpret_cast<sockaddr*>(&peer), &length) != 0)
        return address;
    return registration::describe_peer(reinterpret_cast<const sockaddr&>(peer)).limit_key;
}

// A peer that has vanished without a word is noticed within a minute or so, whether something waits
// to be acknowledged or not. Where an option is not known, the rest still helps.
void notice_vanished_peer(GSocket* socket) {
    constexpr int kIdleSeconds = 30, kIntervalSeconds = 10, kProbes = 3;
    constexpr int kUnacknowledged = 60'000; // milliseconds
    g_socket_set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, kIdleSeconds, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, kIntervalSeconds, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes, nullptr);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledged, nullptr);
}

} // namespace

Intake::Intake(const IntakeOptions& options) : state_(std::make_shared<IntakeState>(options)) {
    install_client_streams();
}

bool Intake::let_in(GSocket* socket, const std::string& address) {
    auto admission = state_->admit(socket, limit_key_of(socket, address), address);
    if (!admission)
        return false;
    notice_vanished_peer(socket);
    attach_admission(socket, std::move(admission));
    return true;
}

std::string Intake::report() const {
    const auto& counters = state_->counters;
    const nlohmann::ordered_json json{{"front_end",
                                       {{"connections", state_->connections()},
                                        {"connections_ever", counters.admitted.load()},
                                        {"refused", counters.refused.load()},
                                        {"pushed_out", counters.pushed_out.load()},
                                        {"malformed", counters.malformed.load()},
                                        {"too_long", counters.too_long.load()},
                                        {"timed_out", counters.timed_out.load()},
                                        {"tunnels", counters.tunnels.load()}}}};
    return json.dump();
}

} // namespace rtspproxy::server
