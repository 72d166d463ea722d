#include "app/registration/splicer.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

namespace rtspproxy::registration_app {
namespace {

constexpr std::uint64_t kWakeKey = 0; // splices are numbered from 1

} // namespace

Splicer::~Splicer() {
    if (!thread_.joinable())
        return;
    inbox_.lock()->stopping = true;
    eventfd_write(wake_.get(), 1);
    thread_.join();
}

Result<Splicer::Id> Splicer::add(FileDescriptor listener) {
    if (auto started = start(); !started)
        return tl::unexpected(started.error());
    const Id id = ++inbox_.lock()->last_id;
    // std::function wants what can be copied.
    auto shared = std::make_shared<FileDescriptor>(std::move(listener));
    post([this, id, shared] {
        splices_.emplace(
            std::piecewise_construct, std::forward_as_tuple(id),
            std::forward_as_tuple(epoll_.get(), id * Splice::kRoles, std::move(*shared), options_));
    });
    return id;
}

void Splicer::set_device(Id id, Ref<GSocket> socket, Splice::OnGone on_gone) {
    post([this, id, socket = std::move(socket), on_gone = std::move(on_gone)] {
        const auto splice = splices_.find(id);
        if (splice == splices_.end())
            return;
        splice->second.set_device(socket, on_gone);
        note_deadline(splice);
    });
}

void Splicer::remove(Id id) {
    post([this, id] {
        splices_.erase(id);
        timed_.erase(id);
    });
}

Result<void> Splicer::start() {
    auto inbox = inbox_.lock();
    if (inbox->started)
        return {};
    epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
    wake_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeKey;
    if (!epoll_ || !wake_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0)
        return failure(std::string("cannot make an epoll or event descriptor: ") +
                       std::strerror(errno));
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "rtsp-splicer");
    inbox->started = true;
    return {};
}

void Splicer::post(Command command) {
    inbox_.lock()->commands.push_back(std::move(command));
    eventfd_write(wake_.get(), 1);
}

void Splicer::run() {
    std::array<epoll_event, 64> events{};
    while (true) {
        const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                     milliseconds_to_wait());
        // First: who connects after set_device() has returned must meet that device.
        if (!run_commands())
            return;
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            dispatch(event.data.u64, event.events);
        }
        expire_due();
    }
}

bool Splicer::run_commands() {
    eventfd_t ignored = 0;
    eventfd_read(wake_.get(), &ignored);
    std::vector<Command> commands;
    {
        auto inbox = inbox_.lock();
        if (inbox->stopping)
            return false;
        commands.swap(inbox->commands);
    }
    for (const Command& command : commands)
        command();
    return true;
}

void Splicer::dispatch(std::uint64_t key, std::uint32_t events) {
    const auto splice = splices_.find(key / Splice::kRoles);
    if (splice == splices_.end())
        return; // woken, or removed in this round
    splice->second.handle(static_cast<Splice::Role>(key % Splice::kRoles), events, buffer_);
    note_deadline(splice);
}

void Splicer::note_deadline(Splices::iterator splice) {
    if (splice->second.deadline())
        timed_.insert(splice->first);
    else
        timed_.erase(splice->first);
}

int Splicer::milliseconds_to_wait() const {
    using namespace std::chrono;
    std::optional<Splice::Clock::time_point> next;
    for (const Id id : timed_)
        if (const auto deadline = splices_.at(id).deadline())
            next = next ? std::min(*next, *deadline) : *deadline;
    if (!next)
        return -1;
    const auto left = ceil<milliseconds>(*next - Splice::Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void Splicer::expire_due() {
    const auto now = Splice::Clock::now();
    for (const Id id : std::set<Id>(timed_)) {
        const auto splice = splices_.find(id);
        if (splice->second.deadline() <= now) {
            splice->second.expire();
            note_deadline(splice);
        }
    }
}

} // namespace rtspproxy::registration_app
