// A program that a test runs: its output as it comes, its signals, its exit code.
#pragma once

#include "plugins/support/guarded.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::tests {

class Process {
  public:
    // Starts `arguments[0]` (a path, or a name found in PATH). Ends with the test at the latest.
    explicit Process(std::vector<std::string> arguments);
    // Kills the program if it still runs.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool running();
    void send_signal(int signal) const;
    // Its exit code, or 128 + the number of the signal that ended it; nothing if it still runs.
    [[nodiscard]] std::optional<int> wait_exit(Clock::duration patience = kPatience);

    // All that was written so far.
    [[nodiscard]] std::string out();
    [[nodiscard]] std::string err();
    [[nodiscard]] std::vector<std::string> out_lines();
    // Waits until the text on that stream holds `text`.
    [[nodiscard]] bool wait_out(const std::string& text, Clock::duration patience = kPatience);
    [[nodiscard]] bool wait_err(const std::string& text, Clock::duration patience = kPatience);
    // For failure messages: the command, the state and both streams.
    [[nodiscard]] std::string report();

  private:
    struct Output {
        std::string out;
        std::string err;
        bool closed = false;
    };
    void collect(const Fd& out, const Fd& err, const Fd& stop);
    void reap(int options);

    std::vector<std::string> arguments_;
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
    Guarded<Output> output_;
    Fd stop_; // its end ends the reader
    std::thread reader_;
};

// Runs a program to its end; what it wrote and its exit code. No exit code: it was killed after
// `patience`.
struct Finished {
    std::optional<int> exit_code;
    std::string out;
    std::string err;
};
[[nodiscard]] Finished run(std::vector<std::string> arguments,
                           Clock::duration patience = kPatience);

// The lines of a text, without their ends.
[[nodiscard]] std::vector<std::string> split_lines(const std::string& text);

} // namespace rtspproxy::tests
