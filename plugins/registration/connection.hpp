// One accepted connection, while it has not been handed to anybody.
#pragma once

#include "plugins/registration/digest_challenge.hpp"
#include "plugins/registration/listening_socket.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/ref.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace rtspproxy::registration {

// Belongs to the front door's thread. The socket is non-blocking throughout.
class Connection {
  public:
    Connection(FileDescriptor descriptor, Peer peer)
        : descriptor_(std::move(descriptor)), peer_(std::move(peer)) {}

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    // Closes the connection, whoever else refers to its socket, unless it was given away.
    ~Connection();

    enum class Peeked { Bytes, NothingYet, Closed };
    // Looks at what has arrived, up to the buffer's size, and leaves it where it is.
    [[nodiscard]] Peeked peek(std::span<char> buffer, std::string_view& bytes);
    // Takes bytes that were seen by peek().
    [[nodiscard]] bool consume(std::size_t length);
    // Writes a response whole. A peer that leaves no room for it is not worth waiting for: false.
    [[nodiscard]] bool send(std::string_view text);
    // Ends the connection so that what was sent still arrives: unread bytes would turn the close
    // into a reset.
    void finish();

    // The connection as a GSocket, made on first use, which owns it from then on; nullptr if that
    // fails (lent).
    [[nodiscard]] GSocket* socket();
    // The socket is somebody else's from now on: closed with its last reference.
    void give_away() { socket_.reset(); }

    [[nodiscard]] int descriptor() const;
    [[nodiscard]] const Peer& peer() const { return peer_; }
    [[nodiscard]] DigestChallenge& challenge() { return challenge_; }

    bool hung_up = false; // the peer will send no more than has arrived
    bool served = false;  // has had an answer: from now on its end is nothing to complain about

  private:
    FileDescriptor descriptor_; // until socket_ is made
    Ref<GSocket> socket_;
    Peer peer_;
    DigestChallenge challenge_;
};

} // namespace rtspproxy::registration
