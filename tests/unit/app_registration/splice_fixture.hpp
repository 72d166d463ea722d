// A splice over real sockets: the device's end and the client's end are the test's.
#pragma once

#include "app/registration/reused_connection.hpp"
#include "app/registration/splicer.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::tests {

// One end of a TCP connection on loopback; what waits, waits for at most kPatience.
class End {
  public:
    explicit End(Fd socket) : socket_(std::move(socket)) {}

    void send(const std::string& bytes);
    // As much as goes without waiting for the other end; how much that was.
    [[nodiscard]] std::size_t send_some(const std::string& bytes);
    // The next `length` bytes, fewer if the connection ends before.
    [[nodiscard]] std::string read(std::size_t length);
    // The connection has been ended by the other side, without another byte before.
    [[nodiscard]] bool ended();
    // Nothing has come so far.
    [[nodiscard]] bool silent();
    void close() { socket_.close(); }
    void reset(); // closes with RST
    [[nodiscard]] int fd() const { return socket_.get(); }

  private:
    Fd socket_;
};

// A connection to a splice's port.
[[nodiscard]] End dial(std::uint16_t port);

struct Connected {
    End device;
    Ref<GSocket> socket; // what the element would hand out
};
[[nodiscard]] Connected connect_device();

class SpliceTest : public WatchedTest {
  protected:
    SpliceTest() : SpliceTest(registration_app::SpliceOptions{}) {}
    explicit SpliceTest(registration_app::SpliceOptions options);

    // A new device for the connection; `gone()` counts those that went by themselves.
    [[nodiscard]] End attach();
    [[nodiscard]] End dial() { return tests::dial(connection_->port()); }
    [[nodiscard]] std::vector<std::string> gone() { return *gone_->lock(); }
    [[nodiscard]] bool wait_gone(std::size_t count = 1);

    // The client asks, the device gets exactly that and answers, the client gets exactly that.
    void exchange(End& client, End& device, const std::string& method, const std::string& answer);
    void exchange(End& client, End& device, const std::string& method);

    const std::shared_ptr<Guarded<std::vector<std::string>>> gone_ =
        std::make_shared<Guarded<std::vector<std::string>>>();
    std::unique_ptr<registration_app::Splicer> splicer_;
    std::unique_ptr<registration_app::ReusedConnection> connection_;
};

[[nodiscard]] std::string request(const std::string& method);
[[nodiscard]] std::string ok_response();
[[nodiscard]] std::string frame(const std::string& data);

} // namespace rtspproxy::tests
