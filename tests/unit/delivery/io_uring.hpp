// Why this machine has no io_uring.
#pragma once

#include <liburing.h>

#include <cstring>
#include <string>

namespace rtspproxy::delivery::tests {

// What the kernel says; "" if it lets us have one.
inline std::string io_uring_refusal() {
    io_uring ring{};
    const int result = io_uring_queue_init(1, &ring, 0);
    if (result < 0)
        return std::string("no io_uring: ") + std::strerror(-result);
    io_uring_queue_exit(&ring);
    return {};
}

} // namespace rtspproxy::delivery::tests
