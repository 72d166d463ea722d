// HostAddresses: where a back end's connections go to, looked up without ever waiting for it.
#pragma once

#include "app/settings/settings.hpp"

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::backend {

// The TCP port that rtspsrc connects to first.
struct Endpoint {
    std::string host; // a name or a numeric address, IPv6 without brackets
    std::uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
};
[[nodiscard]] Endpoint endpoint_of(const settings::BackendSettings& settings);

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

// Main context.
class HostAddresses {
  public:
    using Time = std::chrono::milliseconds;

    explicit HostAddresses(Endpoint endpoint);
    ~HostAddresses();
    HostAddresses(const HostAddresses&) = delete;
    HostAddresses& operator=(const HostAddresses&) = delete;

    // What is known now; none while a name is being looked up for the first time, or if that
    // failed. A name is looked up again, in the background, when the answer has become old: the
    // back end may come back with another address. At most four look-ups run at a time; one more
    // begins when it is asked for after that.
    [[nodiscard]] const std::vector<SocketAddress>& get(Time now);

  private:
    struct Lookup;

    void look_up(Time now);

    const Endpoint endpoint_;
    std::vector<SocketAddress> addresses_;
    bool numeric_ = false;
    Time look_up_at_{0};
    std::shared_ptr<Lookup> lookup_; // while one is under way
};

} // namespace rtspproxy::backend
