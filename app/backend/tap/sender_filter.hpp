// SenderFilter: whose datagrams a UDP socket that waits for a back end takes. Anybody can send to
// it; right are those hosts that RTSP has named, and of these the port that sent first. Pure.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::backend {

// IPv4 or IPv6; an IPv4 address in IPv6 is the IPv4 address.
class HostAddress {
  public:
    // Nothing if it is neither. `address`: as long as its family says.
    [[nodiscard]] static std::optional<HostAddress> of(const sockaddr* address);
    // Nothing if it is none in digits: names are not looked up.
    [[nodiscard]] static std::optional<HostAddress> parse(const char* text);

    [[nodiscard]] std::string text() const;
    bool operator==(const HostAddress&) const = default;

  private:
    std::array<std::uint8_t, 16> bytes_{}; // of IPv6
};

class SenderFilter {
  public:
    void allow(const HostAddress& host) { hosts_.push_back(host); }
    // Everybody is right while no host is known.
    [[nodiscard]] bool knows_any() const { return !hosts_.empty(); }

    // `may_fix`: it is what it has to be, so that its port is the right one from now on.
    [[nodiscard]] bool admits(const sockaddr* sender, bool may_fix);

  private:
    std::vector<HostAddress> hosts_;
    struct Fixed {
        HostAddress host;
        in_port_t port;
    };
    std::optional<Fixed> fixed_;
};

} // namespace rtspproxy::backend
