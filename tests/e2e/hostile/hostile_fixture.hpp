// A proxy with one camera, and players that must not notice what others do to it.
#pragma once

#include "tests/e2e/proxy.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/socket.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

class HostileTest : public WatchedTest {
  protected:
    explicit HostileTest(std::vector<std::string> arguments = {},
                         std::chrono::seconds limit = std::chrono::seconds(90));

    void SetUp() override;
    // Since they began to play, not a packet is missing, and they go on: so many more.
    void expect_bystanders_unharmed(std::size_t more = 20);
    // Somebody new is served, too.
    void expect_served();

    [[nodiscard]] Fd connect() const;
    // False: the proxy does not take it, or has closed the connection.
    static bool send(const Fd& socket, const std::string& text);
    // All that comes until the proxy closes the connection, or `patience` is over.
    struct Answer {
        std::string text;
        bool closed = false;
    };
    static Answer read_to_end(const Fd& socket, Clock::duration patience = kPatience);
    // The next message without a body; less if the proxy closes the connection.
    static std::string read(const Fd& socket);
    // What the front end counts, as SIGUSR1 prints it.
    [[nodiscard]] nlohmann::json front_end();
    [[nodiscard]] std::size_t proxy_descriptors();

    TestServer server_;
    std::vector<std::string> arguments_;
    std::optional<Proxy> proxy_;
    std::optional<RtspPlayer> tcp_, udp_;
};

[[nodiscard]] std::string base64(const std::string& text);

} // namespace rtspproxy::tests
