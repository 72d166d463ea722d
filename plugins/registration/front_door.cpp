#include "plugins/registration/front_door.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rtspproxy::registration {

namespace {

// Numbers that epoll reports: the eventfd, then the listening sockets, then connections.
constexpr std::uint64_t kWakeId = 0;
constexpr std::uint64_t kFirstListenerId = 1;
constexpr std::uint64_t kFirstConnectionId = 16;

constexpr int kMaxAccepts = 64;     // a round, so that those already in are not kept waiting
constexpr int kMaxRequests = 16;    // of one connection a round, likewise
constexpr int kMaxLastChances = 32; // see make_room()
constexpr std::size_t kMinHeaderBytes = 256;
constexpr std::chrono::milliseconds kAcceptPause{100};

// accept() takes a descriptor before it looks whether there is anything to accept: being out of
// them does not mean that somebody waits.
bool is_readable(int descriptor) {
    pollfd poll_descriptor{.fd = descriptor, .events = POLLIN, .revents = 0};
    return poll(&poll_descriptor, 1, 0) == 1;
}

} // namespace

tl::expected<std::uint16_t, ListenError> FrontDoor::open(const ListenOptions& options) {
    close();
    auto listening = listen_on(options);
    if (!listening)
        return tl::unexpected(listening.error());
    epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
    wake_ = FileDescriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll_ || !wake_)
        return tl::unexpected(ListenError{errno, "Cannot make an epoll or event descriptor"});
    listening_ = std::move(listening->sockets);
    next_id_ = kFirstConnectionId;
    watch(wake_.get(), kWakeId, EPOLLIN);
    resume_accepting();
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "rtspregister");
    return listening->port;
}

void FrontDoor::close() {
    if (!thread_.joinable())
        return;
    g_return_if_fail(thread_.get_id() != std::this_thread::get_id());
    eventfd_write(wake_.get(), 1);
    thread_.join();
    listening_.clear();
    reusable_.clear();
    unfinished_.clear();
    while (!connections_.empty())
        take(connections_.begin()->first);
    epoll_ = FileDescriptor();
    wake_ = FileDescriptor();
}

void FrontDoor::watch(int descriptor, Id id, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

void FrontDoor::run() {
    std::array<epoll_event, 128> events{};
    while (true) {
        const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                     milliseconds_to_wait());
        current_ = *options_.lock();
        buffer_.resize(std::max(current_.max_header_bytes, kMinHeaderBytes));
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == kWakeId)
                return;
            handle_event(event.data.u64, event.events);
        }
        for (const Id id : std::exchange(unfinished_, {}))
            serve(id);
        drop_expired();
        hand_out_reusable();
        if (accept_again_ && Clock::now() >= *accept_again_)
            resume_accepting();
    }
}

int FrontDoor::milliseconds_to_wait() const {
    if (!unfinished_.empty())
        return 0;
    std::optional<Clock::time_point> next = pending_.next_deadline(current_.pending);
    const auto consider = [&next](Clock::time_point time) {
        next = next ? std::min(*next, time) : time;
    };
    if (!reusable_.empty())
        consider(reusable_.front().due);
    if (accept_again_)
        consider(*accept_again_);
    if (!next)
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void FrontDoor::handle_event(Id id, std::uint32_t events) {
    if (id < kFirstConnectionId)
        return accept_from(id);
    const auto found = connections_.find(id);
    if (found == connections_.end())
        return; // gone since, in the same round
    found->second->hung_up |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    serve(id);
}

// Accepting

void FrontDoor::accept_from(Id listener) {
    const int descriptor = listening_[listener - kFirstListenerId].get();
    for (int i = 0; i < kMaxAccepts && !accept_again_; ++i)
        if (!accept_one(descriptor))
            return;
}

bool FrontDoor::accept_one(int listener) {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    FileDescriptor descriptor(accept4(listener, reinterpret_cast<sockaddr*>(&address), &length,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (descriptor) {
        counters_.count(Counter::Accepted);
        welcome(std::move(descriptor), describe_peer(reinterpret_cast<sockaddr&>(address)));
        return true;
    }
    if (errno == EAGAIN)
        return false;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        return is_readable(listener) && make_room_for_descriptor();
    return true; // that one failed before it was accepted; the next may not
}

void FrontDoor::welcome(FileDescriptor descriptor, const Peer& peer) {
    make_room(peer.limit_key, current_.pending);
    const Id id = next_id_++;
    // Edge-triggered: what has been peeked at stays in the socket and must not wake us again.
    watch(descriptor.get(), id, EPOLLIN | EPOLLRDHUP | EPOLLET);
    pending_.add(id, peer.limit_key, Clock::now());
    connections_.emplace(id, std::make_unique<Connection>(std::move(descriptor), peer));
    counters_.pending = pending_.size();
}

// Until one more fits into the limits. Those who go may have spoken since they were last looked at:
// then they are served instead. That ends, though, even if they never stop speaking.
void FrontDoor::make_room(const std::string& address, const PendingLimits& limits) {
    for (int tries = 0;; ++tries) {
        const auto victim = pending_.make_room(address, limits);
        if (!victim)
            return;
        if (tries < kMaxLastChances && advance(victim->id) != Progress::Waiting)
            continue;
        drop(victim->id, victim->reason == PendingTable::Crowded::Address
                             ? Counter::DroppedCrowdedAddress
                             : Counter::DroppedCrowdedTotal);
    }
}

// Out of descriptors. If a waiting connection can go, the next attempt may succeed. If not, the
// listening sockets are left alone for a moment: they would be reported again at once.
bool FrontDoor::make_room_for_descriptor() {
    counters_.count(Counter::DroppedError);
    if (pending_.size() > 0) {
        PendingLimits fewer = current_.pending;
        fewer.total = pending_.size();
        make_room({}, fewer);
        return true;
    }
    for (const FileDescriptor& listener : listening_)
        epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener.get(), nullptr);
    accept_again_ = Clock::now() + kAcceptPause;
    return false;
}

void FrontDoor::resume_accepting() {
    accept_again_.reset();
    for (std::size_t i = 0; i < listening_.size(); ++i)
        watch(listening_[i].get(), kFirstListenerId + i, EPOLLIN);
}

// Telling connections apart

void FrontDoor::serve(Id id) {
    for (int i = 0; i < kMaxRequests; ++i)
        if (advance(id) != Progress::Answered)
            return;
    unfinished_.push_back(id);
}

FrontDoor::Progress FrontDoor::advance(Id id) {
    const auto found = connections_.find(id);
    if (found == connections_.end())
        return Progress::Gone;
    Connection& connection = *found->second;
    std::string_view bytes;
    const Connection::Peeked peeked = connection.peek(buffer_, bytes);
    if (peeked == Connection::Peeked::NothingYet)
        return Progress::Waiting;
    if (peeked == Connection::Peeked::Bytes) {
        const Recognition recognition = recognise(bytes);
        if (recognition == Recognition::Other) {
            pass_on(id, bytes);
            return Progress::Gone;
        }
        pending_.spoke(id);
        const Progress progress = recognition == Recognition::Registration
                                      ? advance_registration(id, bytes)
                                      : Progress::Waiting;
        if (progress != Progress::Waiting || !connection.hung_up)
            return progress;
    }
    drop(id, Counter::DroppedClosed);
    return Progress::Gone;
}

FrontDoor::Progress FrontDoor::advance_registration(Id id, std::string_view bytes) {
    const HeaderEnd end = find_header_end(bytes);
    switch (end.state) {
    case HeaderEnd::State::Malformed:
        return refuse_malformed(id, bytes);
    case HeaderEnd::State::Incomplete:
        return bytes.size() < buffer_.size() ? Progress::Waiting : refuse_malformed(id, bytes);
    case HeaderEnd::State::Complete:
        break;
    }
    return answer(id, bytes.substr(0, end.length));
}

// Where such a request ends is unknown, and with it where the next begins: the connection ends.
FrontDoor::Progress FrontDoor::refuse_malformed(Id id, std::string_view bytes) {
    counters_.count(Counter::RefusedMalformed);
    Response response;
    response.status = 400;
    response.cseq = find_cseq(bytes);
    const auto connection = take(id);
    if (connection->send(format_response(response)))
        connection->finish();
    listener_.connection_dropped(connection->peer(), Counter::RefusedMalformed);
    return Progress::Gone;
}

FrontDoor::Progress FrontDoor::answer(Id id, std::string_view bytes) {
    Result<Request> request = parse_request(bytes);
    if (!request)
        return refuse_malformed(id, bytes);
    Connection& connection = *connections_.at(id);
    if (!connection.consume(bytes.size()) ||
        (request->reuse_connection && connection.socket() == nullptr)) {
        drop(id, Counter::DroppedError);
        return Progress::Gone;
    }
    const Response response = decide(connection, *request);
    const bool sent = connection.send(format_response(response));
    if (response.status == 200 && request->method == Method::Register &&
        request->reuse_connection) {
        keep_for_reuse(id, std::move(*request));
        return Progress::Gone;
    }
    if (!sent) {
        drop(id, Counter::DroppedError);
        return Progress::Gone;
    }
    connection.served = true;
    pending_.restart(id, Clock::now());
    return Progress::Answered;
}

Response FrontDoor::decide(Connection& connection, const Request& request) {
    if (auto refusal =
            judge_.refuse(request, connection.peer(), connection.challenge(), Clock::now())) {
        listener_.request_refused(request, connection.peer(), refusal->status);
        return *std::move(refusal);
    }
    Response response;
    response.cseq = request.cseq;
    if (request.method == Method::Register)
        response.status = listener_.stream_registered(
            request, request.reuse_connection ? connection.socket() : nullptr, connection.peer());
    else
        response.status = listener_.stream_deregistered(request, connection.peer());
    if (response.status != 200)
        counters_.count(Counter::RefusedByHandler);
    else
        counters_.count(request.method == Method::Register ? Counter::Registered
                                                           : Counter::Deregistered);
    return response;
}

// Handing connections out

void FrontDoor::keep_for_reuse(Id id, Request request) {
    reusable_.push_back({Clock::now() + current_.reuse_delay, take(id), std::move(request)});
}

void FrontDoor::hand_out_reusable() {
    const Clock::time_point now = Clock::now();
    while (!reusable_.empty() && reusable_.front().due <= now) {
        const Registration registration = std::move(reusable_.front());
        reusable_.pop_front();
        counters_.count(Counter::Reused);
        listener_.connection_reusable(registration.connection->socket(), registration.request,
                                      registration.connection->peer());
        registration.connection->give_away();
    }
}

void FrontDoor::pass_on(Id id, std::string_view bytes) {
    constexpr char kTlsHandshake = 0x16; // RFC 8446 §5.1: to which no RTSP answer would make sense
    const bool readable = bytes.front() != kTlsHandshake;
    const auto cseq = find_cseq(bytes);
    const auto connection = take(id);
    GSocket* socket = connection->socket();
    if (socket == nullptr) {
        counters_.count(Counter::DroppedError);
        return;
    }
    if (listener_.connection_arrived(socket, connection->peer())) {
        counters_.count(Counter::Passed);
        connection->give_away();
        return;
    }
    counters_.count(Counter::Unclaimed);
    Response response;
    response.status = 503;
    response.cseq = cseq;
    if (readable && connection->send(format_response(response)))
        connection->finish();
}

// Letting connections go

void FrontDoor::drop_expired() {
    const Clock::time_point now = Clock::now();
    while (const auto id = pending_.expired(current_.pending, now))
        drop(*id, Counter::DroppedTimeout);
}

void FrontDoor::drop(Id id, Counter reason) {
    const auto connection = take(id);
    if (connection->served && reason != Counter::DroppedError)
        return;
    counters_.count(reason);
    listener_.connection_dropped(connection->peer(), reason);
}

// Ends our interest in a connection; the result closes it, unless somebody has it by then.
std::unique_ptr<Connection> FrontDoor::take(Id id) {
    const auto found = connections_.find(id);
    auto connection = std::move(found->second);
    connections_.erase(found);
    pending_.remove(id);
    counters_.pending = pending_.size();
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection->descriptor(), nullptr);
    return connection;
}

} // namespace rtspproxy::registration
