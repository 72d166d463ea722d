#include "app/server/local_address.hpp"

#include "plugins/support/deleter.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <memory>

namespace rtspproxy::server {
namespace {

bool usable(const ifaddrs& entry, int family) {
    if (entry.ifa_addr == nullptr || entry.ifa_addr->sa_family != family)
        return false;
    if ((entry.ifa_flags & IFF_UP) == 0 || (entry.ifa_flags & IFF_LOOPBACK) != 0)
        return false;
    // A link-local address means nothing without its interface.
    return family != AF_INET6 ||
           !IN6_IS_ADDR_LINKLOCAL(
               &reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr)->sin6_addr);
}

} // namespace

std::string local_address() {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0)
        return "127.0.0.1";
    const std::unique_ptr<ifaddrs, Deleter<freeifaddrs>> list(raw);
    for (const int family : {AF_INET, AF_INET6}) {
        const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
            std::array<char, NI_MAXHOST> host{};
            if (usable(*entry, family) && getnameinfo(entry->ifa_addr, size, host.data(),
                                                      host.size(), nullptr, 0, NI_NUMERICHOST) == 0)
                return host.data();
        }
    }
    return "127.0.0.1";
}

} // namespace rtspproxy::server
