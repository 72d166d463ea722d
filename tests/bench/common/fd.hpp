// Fd: a file descriptor that is closed with its owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace rtspproxy::bench {

class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset() {
        if (const int fd = std::exchange(fd_, -1); fd >= 0)
            ::close(fd);
    }

  private:
    int fd_ = -1;
};

} // namespace rtspproxy::bench
