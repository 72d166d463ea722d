#include "app/backend/tap/sender_filter.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace rtspproxy::backend {
namespace {

constexpr std::size_t kMappedPrefix = 12; // ::ffff:0:0/96

in_port_t port_of(const sockaddr* address) {
    return address->sa_family == AF_INET6
               ? reinterpret_cast<const sockaddr_in6*>(address)->sin6_port
               : reinterpret_cast<const sockaddr_in*>(address)->sin_port;
}

} // namespace

std::optional<HostAddress> HostAddress::of(const sockaddr* address) {
    HostAddress host;
    if (address->sa_family == AF_INET6) {
        const auto& bytes = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        std::memcpy(host.bytes_.data(), &bytes, host.bytes_.size());
    } else if (address->sa_family == AF_INET) {
        const auto& bytes = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
        host.bytes_[10] = host.bytes_[11] = 0xff;
        std::memcpy(host.bytes_.data() + kMappedPrefix, &bytes, sizeof bytes);
    } else {
        return std::nullopt;
    }
    return host;
}

std::optional<HostAddress> HostAddress::parse(const char* text) {
    sockaddr_in four{};
    sockaddr_in6 six{};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        return of(reinterpret_cast<const sockaddr*>(&four));
    }
    if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        return of(reinterpret_cast<const sockaddr*>(&six));
    }
    return std::nullopt;
}

std::string HostAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    in6_addr address{};
    std::memcpy(&address, bytes_.data(), bytes_.size());
    if (IN6_IS_ADDR_V4MAPPED(&address))
        inet_ntop(AF_INET, bytes_.data() + kMappedPrefix, text.data(), text.size());
    else
        inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    return text.data();
}

bool SenderFilter::admits(const sockaddr* sender, bool may_fix) {
    if (hosts_.empty())
        return true;
    const auto host = HostAddress::of(sender);
    if (!host || std::ranges::find(hosts_, *host) == hosts_.end())
        return false;
    if (fixed_)
        return fixed_->host == *host && fixed_->port == port_of(sender);
    if (may_fix)
        fixed_ = {*host, port_of(sender)};
    return true;
}

} // namespace rtspproxy::backend
