// The far end of a connection to the element: sends bytes as a test wants them, reads what comes
// back.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace rtspproxy::tests {

class Peer {
  public:
    // Connects to loopback. `from`: the address to come from, such as 127.0.0.2.
    explicit Peer(std::uint16_t port, const std::string& to = "127.0.0.1",
                  const std::string& from = "");
    // Not connected yet, but with the descriptor that connect() will use.
    Peer();
    void connect(std::uint16_t port);

    void send(std::string_view bytes);
    // Each byte in a segment of its own.
    void send_slowly(std::string_view bytes);
    void finish_sending();

    // The next response up to its blank line; what came until the end, if it ends before that.
    [[nodiscard]] std::string response();
    // The status of the next response; 0 if there is none.
    [[nodiscard]] unsigned status();
    [[nodiscard]] std::string bytes(std::size_t count);
    // Whether the element ends the connection before it sends anything.
    [[nodiscard]] bool ends();

    [[nodiscard]] std::uint16_t port() const { return local_port(socket_); }
    [[nodiscard]] const Fd& socket() const { return socket_; }

  private:
    void set_options();

    Fd socket_;
};

// A request as live555 would send it. `headers` end with a line end each.
[[nodiscard]] std::string register_request(const std::string& url, const std::string& transport,
                                           const std::string& headers = "",
                                           const std::string& method = "REGISTER");
// The value of a header in a response; empty: none.
[[nodiscard]] std::string header_of(const std::string& response, const std::string& name);

} // namespace rtspproxy::tests
