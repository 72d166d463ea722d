#include "app/delivery/writer.hpp"

#include "plugins/support/element.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <utility>
#include <vector>

namespace rtspproxy::delivery {
namespace {

constexpr std::uint64_t kWakeId = 0;
// How often clients are looked at that have stopped reading.
constexpr int kCheckMs = 1000;
constexpr std::uint64_t kCheckNs = std::uint64_t{kCheckMs} * 1'000'000;

} // namespace

Writer::Writer(const OutputLimits& limits)
    : limits_(limits), epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!epoll_ || !wake_)
        return;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeId;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "writer");
}

Writer::~Writer() {
    if (!thread_.joinable())
        return;
    eventfd_write(wake_.get(), 1);
    thread_.join();
}

std::shared_ptr<SocketOutput> Writer::adopt(int socket, std::string name) {
    FileDescriptor own(fcntl(socket, F_DUPFD_CLOEXEC, 0));
    if (!own || !thread_.joinable())
        return nullptr;
    auto output = std::make_shared<SocketOutput>(std::move(own), std::move(name), limits_);
    const std::uint64_t id = shared_.with([&](Shared& shared) {
        shared.outputs.emplace(shared.next_id, output);
        return shared.next_id++;
    });
    // Edge-triggered: wakes up only when a full socket has room again. Closing the last duplicate
    // of the socket takes it out.
    epoll_event event{};
    event.events = EPOLLOUT | EPOLLET;
    event.data.u64 = id;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, output->descriptor(), &event) != 0)
        return nullptr;
    return output;
}

void Writer::run() {
    std::array<epoll_event, 128> events{};
    std::uint64_t checked = monotonic_now();
    while (true) {
        const int count =
            epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), kCheckMs);
        for (int i = 0; i < count; ++i) {
            const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
            if (id == kWakeId)
                return;
            const auto output = shared_.with([id](Shared& shared) {
                const auto found = shared.outputs.find(id);
                return found != shared.outputs.end() ? found->second.lock() : nullptr;
            });
            if (output)
                output->resume();
        }
        if (const std::uint64_t now = monotonic_now(); now - checked >= kCheckNs) {
            checked = now;
            check_all(now);
        }
    }
}

void Writer::check_all(std::uint64_t now) {
    std::vector<std::shared_ptr<SocketOutput>> outputs;
    shared_.with([&outputs](Shared& shared) {
        std::erase_if(shared.outputs, [&outputs](const auto& entry) {
            auto output = entry.second.lock();
            if (!output)
                return true;
            outputs.push_back(std::move(output));
            return false;
        });
    });
    for (const auto& output : outputs)
        output->check_stuck(now);
}

} // namespace rtspproxy::delivery
