// The camera that things happen to: bench-camera on a port of its own, small pictures and a key
// frame a second unless told otherwise.
#pragma once

#include "tests/e2e/outages/tool.hpp"

#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::tests {

class Camera {
  public:
    explicit Camera(std::vector<std::string> options = {});

    // "rtsp://127.0.0.1:PORT/stream"
    [[nodiscard]] std::string url() const;
    // Every command of tests/bench/README.md. Fails the test if the camera refuses.
    void tell(const std::string& command);
    [[nodiscard]] nlohmann::json stats() { return tool_->stats(); }
    // How many requests of a method came, to this process of the camera.
    [[nodiscard]] int requests(const std::string& method);
    [[nodiscard]] bool wait_requests(const std::string& method, int count,
                                     Clock::duration patience = kPatience);

    // Power failure: the process is gone, nobody is told.
    void kill() { tool_.reset(); }
    // Another process on the same port.
    void start();
    void freeze() const { tool_->send_signal(SIGSTOP); }
    void thaw() const { tool_->send_signal(SIGCONT); }

  private:
    std::uint16_t port_;
    std::vector<std::string> options_;
    std::optional<Tool> tool_;
};

} // namespace rtspproxy::tests
