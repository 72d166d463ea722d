// Loop: one epoll thread with file descriptors, timers (one timerfd) and SIGINT/SIGTERM.
#pragma once

#include "tests/bench/common/clock.hpp"
#include "tests/bench/common/fd.hpp"

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace rtspproxy::bench {

class Loop {
  public:
    using Handler = std::function<void(std::uint32_t events)>;
    using Task = std::function<void()>;
    using TimerKey = std::pair<Nanoseconds, std::uint64_t>;

    // SIGINT and SIGTERM are blocked from here on and end run().
    Loop();

    // Returns false if the kernel cannot poll this kind of file (/dev/null, a regular file).
    bool watch(int fd, std::uint32_t events, Handler handler);
    void change(int fd, std::uint32_t events);
    // Must be called before `fd` is closed. A handler may forget itself.
    void forget(int fd);

    TimerKey at(Nanoseconds when, Task task);
    void cancel(TimerKey key) { timers_.erase(key); }
    // Runs `task` every `interval`, first after one interval, for as long as the loop lives.
    void every(Nanoseconds interval, Task task);

    void run();
    void quit() { quitting_ = true; }

  private:
    struct Watch {
        std::uint32_t generation;
        Handler handler;
    };

    void dispatch(const epoll_event& event);
    void run_timers();
    void arm();

    Fd epoll_;
    Fd timer_;
    Fd signals_;
    std::vector<std::unique_ptr<Watch>> watches_; // by file descriptor
    std::vector<std::unique_ptr<Watch>> retired_; // forgotten in this round, perhaps still running
    std::map<TimerKey, Task> timers_;
    Nanoseconds armed_ = 0;
    std::uint64_t next_timer_ = 0;
    std::uint32_t next_generation_ = 0;
    bool quitting_ = false;
};

} // namespace rtspproxy::bench
