// Writer: one thread that goes on with the clients whose sockets were full.
//
// Clients that keep up never see it: they are written to in the streaming thread (SocketOutput).
#pragma once

#include "app/delivery/socket_output.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/guarded.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace rtspproxy::delivery {

class Writer {
  public:
    explicit Writer(const OutputLimits& limits);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Takes over what leaves on a socket, of which it makes a duplicate; null if it cannot. Any
    // thread.
    [[nodiscard]] std::shared_ptr<SocketOutput> adopt(int socket, std::string name);
    [[nodiscard]] const OutputLimits& limits() const { return limits_; }

  private:
    using Outputs = std::map<std::uint64_t, std::weak_ptr<SocketOutput>>;

    void run();
    void check_all(std::uint64_t now);

    const OutputLimits limits_;
    const FileDescriptor epoll_, wake_; // without them nobody is adopted
    struct Shared {
        Outputs outputs;
        std::uint64_t next_id = 1; // 0 is the wake-up
    };
    Guarded<Shared> shared_;
    std::thread thread_;
};

} // namespace rtspproxy::delivery
