// BatchSender: hands many sends to the kernel with one system call (io_uring), where that is
// possible.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <limits>
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
    // was not tried, and may be done in another way.
    void run(std::span<Send> sends);

    // The kernel gives no more results and has not taken the last `not_taken` of these: the pending
    // ones among the others may have left or not, so that what follows them would be no stream any
    // more. They have failed.
    static void give_up(std::span<Send> sends, std::size_t not_taken);
    static constexpr ssize_t kPending = std::numeric_limits<ssize_t>::min();

  private:
    struct Ring;
    explicit BatchSender(std::unique_ptr<Ring> ring);

    const std::unique_ptr<Ring> ring_;
};

} // namespace rtspproxy::delivery
