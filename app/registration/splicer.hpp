// Splicer: the one thread in which the connections of all devices with reuse_connection are spliced
// to the proxy's own. epoll, never blocking, started with the first of them.
#pragma once

#include "app/registration/splice.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/result.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace rtspproxy::registration_app {

class Splicer {
  public:
    using Id = std::uint64_t;

    explicit Splicer(SpliceOptions options = {}) : options_(options) {}
    Splicer(const Splicer&) = delete;
    Splicer& operator=(const Splicer&) = delete;
    // Stops the thread and closes all connections.
    ~Splicer();

    // Any thread but the splicer's own; see ReusedConnection, which is what to use.
    // A splice behind `listener`, without a device.
    [[nodiscard]] Result<Id> add(FileDescriptor listener);
    void set_device(Id id, Ref<GSocket> socket, Splice::OnGone on_gone);
    void remove(Id id);

  private:
    using Splices = std::map<Id, Splice>;
    using Command = std::function<void()>;
    struct Inbox {
        std::vector<Command> commands;
        Id last_id = 0;
        bool started = false, stopping = false;
    };

    [[nodiscard]] Result<void> start();
    void post(Command command);

    // The splicer's thread.
    void run();
    [[nodiscard]] bool run_commands();
    void dispatch(std::uint64_t key, std::uint32_t events);
    [[nodiscard]] int milliseconds_to_wait() const;
    void note_deadline(Splices::iterator splice);
    void expire_due();

    const SpliceOptions options_;
    FileDescriptor epoll_;
    FileDescriptor wake_; // an eventfd: written when there is a command
    Guarded<Inbox> inbox_;
    Splices splices_;
    std::set<Id> timed_; // those that have a deadline
    std::array<char, 64 * 1024> buffer_{};
    std::thread thread_;
};

} // namespace rtspproxy::registration_app
