// A program of the benchmark that a test drives: a command a line on its stdin, each answered with
// one line on its stdout.
#pragma once

#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"

#include <sys/types.h>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace rtspproxy::tests {

class Tool {
  public:
    // `arguments[0]` is its path. Throws std::runtime_error if it cannot be started.
    explicit Tool(std::vector<std::string> arguments);
    // Kills it.
    ~Tool();
    Tool(const Tool&) = delete;
    Tool& operator=(const Tool&) = delete;

    // Both throw std::runtime_error, which fails the test, if no line comes.
    std::string ask(const std::string& command);
    std::string read_line(Clock::duration patience = kPatience);
    // The answer to "stats".
    [[nodiscard]] nlohmann::json stats() { return nlohmann::json::parse(ask("stats")); }

    void send_signal(int signal) const;
    // Ends it with SIGKILL and waits until it is gone.
    void kill();

  private:
    std::string name_;
    pid_t pid_ = -1;
    Fd input_;
    Fd output_;
    std::string buffer_;
};

} // namespace rtspproxy::tests
