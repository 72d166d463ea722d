// A client's socket, and the end of the same connection that was let in and is read by a loop.
#pragma once

#include "app/server/intake/admission.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"

#include <gio/gio.h>

#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::server::tests {

class ConnectedPair {
  public:
    ConnectedPair(const std::shared_ptr<IntakeState>& state, GMainContext* context);
    ~ConnectedPair();
    ConnectedPair(const ConnectedPair&) = delete;
    ConnectedPair& operator=(const ConnectedPair&) = delete;

    void send(const std::string& text);
    // What the server has said; empty if it says nothing for a moment.
    [[nodiscard]] std::string receive();
    void close_client() { client_.close(); }
    [[nodiscard]] GInputStream* stream() const;

    // What the loop has read so far, one entry a turn, and whether it has seen the end.
    std::vector<std::string> read;
    bool ended = false;

    // Whatever comes is read to its end each turn; else no more than one message, as
    // GstRTSPConnection does.
    [[nodiscard]] std::string all() const;

  private:
    static gboolean on_ready(GObject* stream, gpointer self) noexcept;

    rtspproxy::tests::Fd client_;
    std::unique_ptr<GSocketConnection, Deleter<g_object_unref>> server_;
    std::unique_ptr<GSource, Deleter<g_source_unref>> source_;
};

} // namespace rtspproxy::server::tests
