// A camera, the proxy before it and 40 viewers before that.
#pragma once

#include "tests/e2e/outages/camera.hpp"
#include "tests/e2e/outages/swarm.hpp"
#include "tests/e2e/proxy.hpp"
#include "tests/support/watchdog.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rtspproxy::tests {

// How media reach the proxy.
enum class Ingest { Tcp, Udp };
[[nodiscard]] const char* to_string(Ingest ingest);
void PrintTo(Ingest ingest, std::ostream* stream); // for GoogleTest

class OutageTest : public WatchedTest {
  protected:
    // `camera`: further options of bench-camera.
    explicit OutageTest(std::vector<std::string> camera = {"--audio"},
                        std::chrono::seconds limit = std::chrono::seconds(90))
        : WatchedTest(limit), camera_(std::move(camera)) {}

    // With short timeouts: `arguments` come after them and so replace them.
    void start_proxy(Ingest ingest, const std::vector<std::string>& arguments = {});
    // Waits until the mount can be played, then until every viewer is fed and has seen a key
    // frame: without one before it the proxy does not know that it is worth waiting for one.
    void start_viewers(std::vector<std::string> options = {}, int clients = Swarm::kClients);

    // Waits until the proxy has noticed that the back end was lost `count` times.
    [[nodiscard]] bool wait_lost(int count);
    // The mount's counters, as SIGUSR1 prints them.
    [[nodiscard]] nlohmann::json counters();

    Camera camera_;
    std::optional<Proxy> proxy_;
    std::optional<Swarm> viewers_;

  private:
    std::size_t reports_ = 0;
};

} // namespace rtspproxy::tests
