// ClientThread: the one thread that all clients of the GstRTSPServer live in, and the way into it.
//
// GstRTSPClient and GstRTSPConnection are not thread-safe: a client that is closed while its own
// thread reads from it leaves that thread with half a connection. Sessions lend their media to the
// request that is being handled. So clients and sessions are looked for, changed, closed and
// expired in here only.
#pragma once

#include "app/server/thread_pool.hpp"
#include "plugins/support/ref.hpp"

#include <chrono>
#include <functional>

namespace rtspproxy::server {

class ClientThread {
  public:
    // Keeps the pool's thread for clients running.
    explicit ClientThread(GstRTSPThreadPool* pool);

    // Runs the task in that thread, between two requests. Any thread.
    void post(std::function<void()> task);
    // The same, and waits until it and everything that came of it is done; false: that took longer
    // than `patience`. Any other thread.
    [[nodiscard]] bool finish(std::function<void()> task, std::chrono::milliseconds patience);

  private:
    const ThreadUse thread_;
    const Ref<GMainContext> context_;
};

} // namespace rtspproxy::server
