// Control: commands by lines on stdin, each answered by one line on stdout.
#pragma once

#include "tests/bench/common/loop.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::bench {

class Control {
  public:
    // Gets the words of a line; returns the answer. "quit" is handled by Control.
    using Command = std::function<std::string(const std::vector<std::string_view>& words)>;

    // If stdin is a pipe or a socket its end ends the loop, so that a tool never outlives the test
    // that drives it.
    Control(Loop& loop, Command command);

  private:
    void on_readable();
    void on_line(std::string_view line);

    Loop& loop_;
    Command command_;
    std::string buffer_;
    bool driven_ = false;
};

// Prints one line to stdout at once.
void print_line(std::string_view line);

} // namespace rtspproxy::bench
