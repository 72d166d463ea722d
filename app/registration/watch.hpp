// A descriptor's place in an epoll set.
#pragma once

#include <sys/epoll.h>

#include <cstdint>

namespace rtspproxy::registration_app {

class Watch {
  public:
    // `key` is what epoll reports; both descriptors must outlive the watch.
    Watch(int epoll, int descriptor, std::uint64_t key)
        : epoll_(epoll), descriptor_(descriptor), key_(key) {
        control(EPOLL_CTL_ADD);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { control(EPOLL_CTL_DEL); }

    // EPOLLIN, EPOLLOUT, both or neither, level-triggered. Errors and hang-ups are always reported.
    void want(std::uint32_t events) {
        if (events_ == events)
            return;
        events_ = events;
        control(EPOLL_CTL_MOD);
    }
    [[nodiscard]] bool wants(std::uint32_t events) const { return (events_ & events) != 0; }

  private:
    void control(int operation) const {
        epoll_event event{};
        event.events = events_;
        event.data.u64 = key_;
        epoll_ctl(epoll_, operation, descriptor_, &event);
    }

    int epoll_;
    int descriptor_;
    std::uint64_t key_;
    std::uint32_t events_ = 0;
};

} // namespace rtspproxy::registration_app
