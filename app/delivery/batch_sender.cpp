#include "app/delivery/batch_sender.hpp"

#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace rtspproxy::delivery {

struct BatchSender::Ring {
    Ring() = default;
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring() { close(); }
    // The first flags keep the kernel from interrupting the thread for completions that it waits
    // for anyway (Linux 6.1); without them it works from 5.6 on.
    bool init() {
        constexpr unsigned kOwnThread = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
        for (const unsigned flags : {kOwnThread, 0U})
            if (!open)
                open = io_uring_queue_init(kSize, &ring, flags) == 0;
        return open;
    }

    // Results that are there; how many.
    unsigned collect() {
        io_uring_cqe* completion = nullptr;
        unsigned head = 0;
        unsigned seen = 0;
        io_uring_for_each_cqe(&ring, head, completion) {
            static_cast<Send*>(io_uring_cqe_get_data(completion))->result = completion->res;
            ++seen;
        }
        io_uring_cq_advance(&ring, seen);
        return seen;
    }

    void close() {
        if (std::exchange(open, false))
            io_uring_queue_exit(&ring);
    }

    io_uring ring{};
    bool open = false;
};

BatchSender::BatchSender(std::unique_ptr<Ring> ring) : ring_(std::move(ring)) {}
BatchSender::~BatchSender() = default;

BatchSender* BatchSender::of_this_thread() {
    static thread_local const std::unique_ptr<BatchSender> sender = [] {
        auto ring = std::make_unique<Ring>();
        return ring->init() ? std::unique_ptr<BatchSender>(new BatchSender(std::move(ring)))
                            : nullptr;
    }();
    return sender && sender->ring_->open ? sender.get() : nullptr;
}

void BatchSender::run(std::span<Send> sends) {
    io_uring& ring = ring_->ring;
    for (Send& send : sends) {
        send.result = kPending;
        io_uring_sqe* entry = io_uring_get_sqe(&ring); // there is room: all of before are through
        io_uring_prep_send(entry, send.socket, send.bytes.data(), send.bytes.size(),
                           MSG_DONTWAIT | MSG_NOSIGNAL);
        io_uring_sqe_set_data(entry, &send);
    }
    for (std::size_t finished = 0; finished < sends.size();) {
        const int submitted = io_uring_submit_and_wait(&ring, 1);
        finished += ring_->collect();
        if (submitted < 0 && submitted != -EINTR && submitted != -EAGAIN && submitted != -EBUSY) {
            give_up(sends, io_uring_sq_ready(&ring));
            return ring_->close(); // and with it entries that point to these sends
        }
    }
}

void BatchSender::give_up(std::span<Send> sends, std::size_t not_taken) {
    const std::size_t taken = sends.size() - std::min(sends.size(), not_taken);
    for (std::size_t i = 0; i < sends.size(); ++i)
        if (sends[i].result == kPending)
            sends[i].result = i < taken ? -EIO : -ECANCELED;
}

} // namespace rtspproxy::delivery
