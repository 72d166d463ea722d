// BatchSender: hands many sends to the kernel with one system call (io_uring), where that is
// possible.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>

namespace rtspproxy::delivery {

// One send() that does not wait, and what came of it.
struct Send {
    int socket = -1;
    std::span<const std::uint8_t> bytes;
    ssize_t result = 0; // bytes that left, or a negative errno
};

// One for each thread that sends, made when it is first needed.
class BatchSender {
  public:
    // So many sends go at once.
    static constexpr std::size_t kSize = 64;

    // That of the calling thread; null if the kernel has no io_uring, or does not let us, or has
    // ceased to.
    [[nodiscard]] static BatchSender* of_this_thread();
    ~BatchSender();
    BatchSender(const BatchSender&) = delete;
    BatchSender& operator=(const BatchSender&) = delete;

    // Carries all of them out, at most kSize, and returns when all have a result: -ECANCELED if it
    // was not tried.
    void run(std::span<Send> sends);

  private:
    struct Ring;
    explicit BatchSender(std::unique_ptr<Ring> ring);

    const std::unique_ptr<Ring> ring_;
};

} // namespace rtspproxy::delivery
