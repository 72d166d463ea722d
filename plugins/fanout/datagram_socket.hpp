// DatagramSocket: a UDP socket to send from, and whether it does segmentation offload (GSO).
#pragma once

#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <cstddef>

namespace rtspproxy::fanout {

class DatagramSocket {
  public:
    // Asks the kernel whether it knows UDP_SEGMENT: one that does not would ignore it, and send a
    // run as one huge packet.
    explicit DatagramSocket(Ref<GSocket> socket);

    // any thread

    [[nodiscard]] int descriptor() const { return g_socket_get_fd(socket_.get()); }
    // False once its owner has closed it: its number may be another file's by then.
    [[nodiscard]] bool is_open() const { return g_socket_is_closed(socket_.get()) == FALSE; }
    // Largest packet that may be in a message with others, 0 if none may. A way to somebody may
    // have less room; see DatagramSender.
    [[nodiscard]] std::size_t max_segment() const { return max_segment_; }

  private:
    Ref<GSocket> socket_;
    std::size_t max_segment_ = 0;
};

} // namespace rtspproxy::fanout
