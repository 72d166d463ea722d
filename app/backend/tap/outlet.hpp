// Outlet: what leaves on a connection. Several threads write messages and frames to it: each leaves
// as a whole, in the order in which they were added, whoever carries them.
#pragma once

#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <deque>
#include <mutex>
#include <string>

namespace rtspproxy {

template <>
struct RefTraits<GOutputStream> : GObjectRefTraits<GOutputStream> {};

} // namespace rtspproxy

namespace rtspproxy::backend {

// All methods: any thread.
class Outlet {
  public:
    // So much waits at most for a camera that does not read; more is refused.
    static constexpr std::size_t kMaxBytes = 256 * 1024;

    // `stream` is pollable.
    explicit Outlet(Ref<GOutputStream> stream) : stream_(std::move(stream)) {}

    // One message or frame; false if there is no room.
    [[nodiscard]] bool add(std::string bytes);
    // Writes what waits; blocks, as the stream does. What is left when it fails waits for the next.
    [[nodiscard]] bool flush(GCancellable* cancellable, GError** error);
    // Writes as much of it as goes at once, if nobody else is at it.
    void flush_now();
    // Nothing is written any more. Returns when nobody is at it; who waits for `socket`, the one
    // below the stream, is woken up.
    void close(GSocket* socket);

  private:
    struct Queue {
        std::deque<std::string> parts;
        std::size_t size = 0;
        bool closed = false;
    };

    [[nodiscard]] std::string next();
    void put_back(std::string rest);
    [[nodiscard]] bool empty();
    [[nodiscard]] bool write(std::string& part, GCancellable* cancellable, GError** error) const;
    [[nodiscard]] bool write_now(std::string& part) const;

    const Ref<GOutputStream> stream_;
    std::timed_mutex writing_; // the stream
    Guarded<Queue> queue_;
};

} // namespace rtspproxy::backend
