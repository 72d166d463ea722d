#include "plugins/fanout/socket_address.hpp"

#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <cstring>
#include <memory>

namespace rtspproxy::fanout {
namespace {

struct FreeAddresses {
    void operator()(GList* list) const { g_resolver_free_addresses(list); }
};

Ref<GSocketAddress> look_up(const char* host, std::uint16_t port) {
    if (auto numeric =
            Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string(host, port)))
        return numeric;
    const auto resolver = Ref<GResolver>::adopt(g_resolver_get_default());
    const std::unique_ptr<GList, FreeAddresses> found(
        g_resolver_lookup_by_name(resolver.get(), host, nullptr, nullptr));
    if (!found)
        return nullptr;
    return Ref<GSocketAddress>::adopt(
        g_inet_socket_address_new(static_cast<GInetAddress*>(found->data), port));
}

} // namespace

std::optional<SocketAddress> SocketAddress::resolve(const char* host, int port) {
    if (host == nullptr || port < 1 || port > 65535)
        return std::nullopt;
    const auto found = look_up(host, static_cast<std::uint16_t>(port));
    SocketAddress address;
    if (!found ||
        !g_socket_address_to_native(found.get(), &address.place_, sizeof address.place_, nullptr))
        return std::nullopt;
    return address;
}

std::optional<SocketAddress> SocketAddress::of(const sockaddr_storage& address) {
    if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
        return std::nullopt;
    SocketAddress copy;
    std::memcpy(&copy.place_, &address,
                address.ss_family == AF_INET ? sizeof copy.place_.v4 : sizeof copy.place_.v6);
    return copy;
}

SocketAddress SocketAddress::unmapped() const {
    if (is_v4() || !IN6_IS_ADDR_V4MAPPED(&place_.v6.sin6_addr))
        return *this;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = place_.v6.sin6_port;
    std::memcpy(&v4.sin_addr, &place_.v6.sin6_addr.s6_addr[12], sizeof v4.sin_addr);
    SocketAddress address;
    address.place_.v4 = v4;
    return address;
}

} // namespace rtspproxy::fanout
