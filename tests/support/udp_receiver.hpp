// UdpReceiver: a bound UDP socket on loopback, and what comes there.
#pragma once

#include "plugins/support/ref.hpp"

#include <gio/gio.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::tests {

class UdpReceiver {
  public:
    // On a numeric address, at any port, with a receive buffer of so many bytes.
    explicit UdpReceiver(std::string host, int buffer = 4 << 20)
        : host_(std::move(host)), socket_(Ref<GSocket>::adopt(g_socket_new(
                                      is_v6() ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4,
                                      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr))) {
        const auto any =
            Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string(host_.c_str(), 0));
        g_socket_bind(socket_.get(), any.get(), FALSE, nullptr); // or two may get the same port
        g_socket_set_option(socket_.get(), SOL_SOCKET, SO_RCVBUF, buffer, nullptr);
    }

    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] bool is_v6() const { return host_.find(':') != std::string::npos; }
    [[nodiscard]] int port() const {
        const auto address =
            Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket_.get(), nullptr));
        return g_inet_socket_address_get_port(reinterpret_cast<GInetSocketAddress*>(address.get()));
    }
    [[nodiscard]] const Ref<GSocket>& socket() const { return socket_; }

    // What has come since the last call: on loopback all that was sent by now, if there was room.
    std::vector<std::vector<std::uint8_t>> take() {
        std::vector<std::vector<std::uint8_t>> all;
        std::vector<std::uint8_t> bytes(65536);
        for (;;) {
            const auto size =
                ::recv(g_socket_get_fd(socket_.get()), bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (size < 0)
                return all;
            all.emplace_back(bytes.begin(), bytes.begin() + size);
        }
    }

  private:
    std::string host_;
    Ref<GSocket> socket_;
};

} // namespace rtspproxy::tests
