// Outlets: the sockets of a sink, one a family, and which of them an address is reached from.
#pragma once

#include "plugins/fanout/datagram_socket.hpp"
#include "plugins/fanout/socket_address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace rtspproxy::fanout {

class Outlets {
  public:
    static constexpr std::size_t kCount = 2; // IPv4, IPv6
    struct Route {
        std::size_t outlet;
        SocketAddress address; // as that socket wants it
    };

    // state changes
    void open(Ref<GSocket> v4, Ref<GSocket> v6) {
        sockets_[0] = v4 ? std::make_unique<DatagramSocket>(std::move(v4)) : nullptr;
        sockets_[1] = v6 ? std::make_unique<DatagramSocket>(std::move(v6)) : nullptr;
    }
    void close() { sockets_ = {}; }

    // any thread, between the two

    // Whether any can segment.
    [[nodiscard]] bool can_segment() const {
        return std::ranges::any_of(
            sockets_, [](const auto& socket) { return socket && socket->max_segment() != 0; });
    }
    [[nodiscard]] const DatagramSocket* socket(std::size_t outlet) const {
        return sockets_[outlet] && sockets_[outlet]->is_open() ? sockets_[outlet].get() : nullptr;
    }
    // An IPv6 socket reaches IPv4 addresses, too, unless it was told not to.
    [[nodiscard]] std::optional<Route> route(const SocketAddress& address) const {
        const SocketAddress plain = address.unmapped();
        if (plain.is_v4() && sockets_[0])
            return Route{0, plain};
        if (sockets_[1])
            return Route{1, address};
        return std::nullopt;
    }

  private:
    std::array<std::unique_ptr<DatagramSocket>, kCount> sockets_;
};

} // namespace rtspproxy::fanout
