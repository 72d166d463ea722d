#include "tests/bench/common/loop.hpp"

#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <array>
#include <csignal>
#include <utility>

namespace rtspproxy::bench {

Loop::Loop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &mask, nullptr);
    signals_ = Fd(::signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC));
    watch(signals_.get(), EPOLLIN, [this](std::uint32_t) { quit(); });
    watch(timer_.get(), EPOLLIN, [this](std::uint32_t) {
        std::uint64_t expirations = 0;
        if (::read(timer_.get(), &expirations, sizeof expirations) > 0)
            armed_ = 0;
    });
}

bool Loop::watch(int fd, std::uint32_t events, Handler handler) {
    const auto index = static_cast<std::size_t>(fd);
    if (watches_.size() <= index)
        watches_.resize(index + 1);
    const std::uint32_t generation = ++next_generation_;
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(generation) << 32U | static_cast<std::uint32_t>(fd);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        return false;
    watches_[index] = std::make_unique<Watch>(Watch{generation, std::move(handler)});
    return true;
}

void Loop::change(int fd, std::uint32_t events) {
    const auto& watch = watches_[static_cast<std::size_t>(fd)];
    epoll_event event{};
    event.events = events;
    event.data.u64 =
        static_cast<std::uint64_t>(watch->generation) << 32U | static_cast<std::uint32_t>(fd);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::forget(int fd) {
    auto& watch = watches_[static_cast<std::size_t>(fd)];
    if (watch == nullptr)
        return;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    retired_.push_back(std::move(watch));
}

Loop::TimerKey Loop::at(Nanoseconds when, Task task) {
    const TimerKey key{when, next_timer_++};
    timers_.emplace(key, std::move(task));
    return key;
}

void Loop::every(Nanoseconds interval, Task task) {
    const Nanoseconds when = monotonic_now() + interval;
    at(when, [this, interval, task = std::move(task)] {
        task();
        every(interval, task);
    });
}

void Loop::arm() {
    const Nanoseconds first = timers_.empty() ? 0 : timers_.begin()->first.first;
    if (first == armed_)
        return;
    armed_ = first;
    itimerspec when{};
    when.it_value.tv_sec = first / kSecond;
    when.it_value.tv_nsec = first % kSecond;
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void Loop::run_timers() {
    const Nanoseconds now = monotonic_now();
    while (!timers_.empty() && timers_.begin()->first.first <= now && !quitting_) {
        const auto node = timers_.extract(timers_.begin());
        node.mapped()();
    }
}

void Loop::dispatch(const epoll_event& event) {
    const auto fd = static_cast<std::uint32_t>(event.data.u64);
    const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32U);
    Watch* watch = watches_[fd].get();
    // An earlier handler of this round may have closed the file and opened another one.
    if (watch != nullptr && watch->generation == generation)
        watch->handler(event.events);
}

void Loop::run() {
    std::array<epoll_event, 256> events{};
    while (!quitting_) {
        arm();
        const int count =
            ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count && !quitting_; ++i)
            dispatch(events[static_cast<std::size_t>(i)]);
        run_timers();
        retired_.clear();
    }
}

} // namespace rtspproxy::bench
