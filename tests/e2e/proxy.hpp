// The proxy under test: the real binary, its announced mounts, a clean end.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/rtsp_connection.hpp"

#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

// Where the binary is.
[[nodiscard]] std::string proxy_binary();
// Runs it to its end, for what does not serve anything.
[[nodiscard]] Finished run_proxy(std::vector<std::string> arguments);

// One of the lines `Play "BACK END" at: URL`.
struct PlayLine {
    std::string backend;
    std::string url;
};
[[nodiscard]] std::vector<PlayLine> play_lines(const std::string& out);

// Serves on a free port of 127.0.0.1. What the caller asks for comes after that, so it counts.
class Proxy {
  public:
    // `debug_log`: a file for what GStreamer has to say of level WARNING and above.
    explicit Proxy(const std::vector<std::string>& arguments, const std::string& debug_log = {});
    // Ends it with SIGTERM if it still runs. That it does not end well fails the test.
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    // Waits until it can be connected to.
    [[nodiscard]] bool wait_listening() const;
    // Waits until that many mounts are announced.
    [[nodiscard]] bool wait_announced(std::size_t mounts = 1);
    // Waits until DESCRIBE of the mount is answered with `status`.
    [[nodiscard]] bool wait_status(int status, const std::string& mount = "proxyStream",
                                   Clock::duration patience = kPatience);
    // … until the mount can be played.
    [[nodiscard]] bool wait_ready(const std::string& mount = "proxyStream",
                                  Clock::duration patience = kPatience) {
        return wait_status(200, mount, patience);
    }
    // Ends it; its exit code, or nothing if it did not end.
    [[nodiscard]] std::optional<int> end(int signal = SIGTERM);

    [[nodiscard]] std::string url(const std::string& mount = "proxyStream",
                                  const std::string& host = "127.0.0.1") const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Process& process() { return process_; }
    [[nodiscard]] std::string report() { return process_.report(); }

  private:
    std::uint16_t port_;
    Process process_;
};

} // namespace rtspproxy::tests
