#include "app/backend/tap/outlet.hpp"

#include <chrono>
#include <utility>

namespace rtspproxy::backend {

bool Outlet::add(std::string bytes) {
    auto queue = queue_.lock();
    if (queue->closed || queue->size + bytes.size() > kMaxBytes)
        return false;
    queue->size += bytes.size();
    queue->parts.push_back(std::move(bytes));
    return true;
}

bool Outlet::flush(GCancellable* cancellable, GError** error) {
    // Whoever is at it writes what waits here, too, but may fail.
    const std::lock_guard lock(writing_);
    for (std::string part = next(); !part.empty(); part = next()) {
        if (!write(part, cancellable, error)) {
            put_back(std::move(part));
            return false;
        }
    }
    return true;
}

void Outlet::flush_now() {
    // Again, if something was added between the last look and the unlocking.
    while (!empty()) {
        const std::unique_lock lock(writing_, std::try_to_lock);
        if (!lock)
            return;
        for (std::string part = next(); !part.empty(); part = next()) {
            if (!write_now(part)) {
                put_back(std::move(part));
                return;
            }
        }
    }
}

void Outlet::close(GSocket* socket) {
    constexpr std::chrono::milliseconds kPatience{100};
    queue_.with([](Queue& queue) {
        queue.closed = true;
        queue.parts.clear();
        queue.size = 0;
    });
    std::unique_lock lock(writing_, kPatience);
    if (lock)
        return;
    g_socket_shutdown(socket, TRUE, TRUE, nullptr);
    lock.lock();
}

std::string Outlet::next() {
    auto queue = queue_.lock();
    if (queue->parts.empty())
        return {};
    std::string part = std::move(queue->parts.front());
    queue->parts.pop_front();
    queue->size -= part.size();
    return part;
}

void Outlet::put_back(std::string rest) {
    auto queue = queue_.lock();
    if (queue->closed)
        return;
    queue->size += rest.size();
    queue->parts.push_front(std::move(rest));
}

bool Outlet::empty() {
    return queue_.lock()->parts.empty();
}

// The stream's own functions, not GOutputStream's: these let one thread in at a time and fail the
// others.
bool Outlet::write(std::string& part, GCancellable* cancellable, GError** error) const {
    while (!part.empty()) {
        const gssize written =
            G_OUTPUT_STREAM_GET_CLASS(stream_.get())
                ->write_fn(stream_.get(), part.data(), part.size(), cancellable, error);
        if (written < 0)
            return false;
        part.erase(0, static_cast<std::size_t>(written));
    }
    return true;
}

bool Outlet::write_now(std::string& part) const {
    auto* pollable = G_POLLABLE_OUTPUT_STREAM(stream_.get());
    while (!part.empty()) {
        const gssize written = G_POLLABLE_OUTPUT_STREAM_GET_INTERFACE(pollable)->write_nonblocking(
            pollable, part.data(), part.size(), nullptr);
        if (written < 0)
            return false;
        part.erase(0, static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace rtspproxy::backend
