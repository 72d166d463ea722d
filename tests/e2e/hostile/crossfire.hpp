// Clients that play a mount over their connections and send requests all the while, one behind the
// other. They come again as soon as they are closed.
#pragma once

#include "tests/support/rtsp_connection.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

class Crossfire {
  public:
    enum class Way { Tcp, Http };

    Crossfire(const std::string& url, int clients, Way way = Way::Tcp);
    ~Crossfire();
    Crossfire(const Crossfire&) = delete;
    Crossfire& operator=(const Crossfire&) = delete;

    // Requests that were answered so far, by all of them.
    [[nodiscard]] std::size_t answers() const { return answers_; }
    // Waits until so many more were.
    [[nodiscard]] bool wait_more(std::size_t answers) const;
    // Sessions that came to play.
    [[nodiscard]] std::size_t played() const { return played_; }

  private:
    void run();
    void play_and_ask(RtspConnection& connection);

    const std::string url_;
    const Way way_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> answers_{0};
    std::atomic<std::size_t> played_{0};
    std::vector<std::thread> threads_;
};

} // namespace rtspproxy::tests
