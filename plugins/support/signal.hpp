// SignalConnection: a GObject signal handler that ends with its owner.
#pragma once

#include "plugins/support/ref.hpp"

#include <utility>

namespace rtspproxy {

class SignalConnection {
  public:
    SignalConnection() = default;
    // `instance` is kept alive for as long as the connection.
    SignalConnection(gpointer instance, const char* signal, GCallback handler, gpointer data)
        : instance_(Ref<GObject>::share(G_OBJECT(instance))),
          id_(g_signal_connect(instance, signal, handler, data)) {}
    SignalConnection(SignalConnection&& other) noexcept
        : instance_(std::move(other.instance_)), id_(std::exchange(other.id_, 0)) {}
    SignalConnection& operator=(SignalConnection&& other) noexcept {
        disconnect();
        instance_ = std::move(other.instance_);
        id_ = std::exchange(other.id_, 0);
        return *this;
    }
    SignalConnection(const SignalConnection&) = delete;
    SignalConnection& operator=(const SignalConnection&) = delete;
    ~SignalConnection() { disconnect(); }

    void disconnect() {
        if (id_ != 0 && g_signal_handler_is_connected(instance_.get(), id_))
            g_signal_handler_disconnect(instance_.get(), id_);
        id_ = 0;
        instance_.reset();
    }

  private:
    Ref<GObject> instance_;
    gulong id_ = 0;
};

} // namespace rtspproxy
