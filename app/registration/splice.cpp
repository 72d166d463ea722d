#include "app/registration/splice.hpp"

#include "app/registration/loopback.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace rtspproxy::registration_app {
namespace {

using namespace std::chrono_literals;

void set_option(int socket, int level, int name, int value) {
    setsockopt(socket, level, name, &value, sizeof(value));
}

// A device behind NAT may vanish without a word, and its router forgets connections that are
// silent.
void keep_alive(int socket) {
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

bool is_fatal(int error) {
    return error != EAGAIN && error != EINTR;
}

// Sends what the socket takes of `waiting` + `bytes`, and keeps the rest in `waiting`; false: the
// connection is broken.
bool send_or_keep(int socket, std::string& waiting, std::string_view bytes) {
    if (!waiting.empty()) {
        waiting += bytes;
        bytes = waiting;
    }
    const ssize_t sent = bytes.empty() ? 0 : send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && is_fatal(errno))
        return false;
    const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    if (!waiting.empty())
        waiting.erase(0, taken);
    else
        waiting = bytes.substr(taken);
    if (waiting.empty())
        waiting.shrink_to_fit(); // most are idle most of the time
    return true;
}

} // namespace

Splice::Device::Device(Ref<GSocket> device_socket, OnGone gone, int epoll, std::uint64_t key)
    : socket(std::move(device_socket)), descriptor(g_socket_get_fd(socket.get())),
      on_gone(std::move(gone)), watch(epoll, descriptor, key), minute(Clock::now()) {
    g_socket_set_blocking(socket.get(), FALSE);
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    keep_alive(descriptor);
}

// Whoever else may refer to the socket.
Splice::Device::~Device() {
    shutdown(descriptor, SHUT_RDWR);
}

Splice::Splice(int epoll, std::uint64_t first_key, FileDescriptor listener,
               const SpliceOptions& options)
    : epoll_(epoll), first_key_(first_key), options_(options), listener_(std::move(listener)),
      listener_watch_(epoll, listener_.get(),
                      first_key + static_cast<std::uint64_t>(Role::Listener)) {
    update_interest();
}

void Splice::set_device(Ref<GSocket> socket, OnGone on_gone) {
    play_.reset();
    drain_.reset();
    device_.reset();
    device_.emplace(std::move(socket), std::move(on_gone), epoll_,
                    first_key_ + static_cast<std::uint64_t>(Role::Device));
    update_interest();
}

void Splice::handle(Role role, std::uint32_t events, std::span<char> buffer) {
    if (role == Role::Listener)
        accept_client(buffer);
    else if (role == Role::Device && device_)
        handle_device(events, buffer);
    else if (role == Role::Client && play_)
        handle_client(events, buffer);
    update_interest();
}

void Splice::update_interest() {
    const auto interest = [](bool read, bool write) {
        return (read ? std::uint32_t{EPOLLIN} : 0U) | (write ? std::uint32_t{EPOLLOUT} : 0U);
    };
    // While a play is drained the next client waits in the kernel.
    listener_watch_.want(interest(!drain_, false));
    if (device_)
        device_->watch.want(interest(!play_ || play_->waiting.empty(), !device_->waiting.empty()));
    if (play_)
        play_->watch.want(interest(device_->waiting.empty(), !play_->waiting.empty()));
}

// The client

void Splice::accept_client(std::span<char> buffer) {
    // The last client may have left already, only not been looked at.
    while (play_ && hung_up(play_->descriptor.get()) && read_client(buffer)) {
    }
    if (drain_)
        return;
    FileDescriptor client = accept_own(listener_.get());
    // One that has given up meanwhile is not worth a session.
    if (!client || !device_ || play_ || hung_up(client.get()))
        return;
    set_option(client.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    play_.emplace(std::move(client), epoll_, first_key_ + static_cast<std::uint64_t>(Role::Client));
}

void Splice::handle_client(std::uint32_t events, std::span<char> buffer) {
    if ((events & EPOLLOUT) != 0)
        send_to_client({});
    if (!play_)
        return;
    // Its last words matter, even if the device cannot take them yet: TEARDOWN may be among them.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        while (play_ && read_client(buffer)) {
        }
        if (play_)
            end_play();
        return;
    }
    if ((events & EPOLLIN) != 0)
        read_client(buffer);
}

// False: there is nothing more for now.
bool Splice::read_client(std::span<char> buffer) {
    const ssize_t received = recv(play_->descriptor.get(), buffer.data(), buffer.size(), 0);
    if (received > 0)
        take_from_client({buffer.data(), static_cast<std::size_t>(received)});
    else if (received == 0 || is_fatal(errno))
        end_play();
    return received > 0;
}

// Only whole messages go on: half a request would spoil the connection for the next play.
void Splice::take_from_client(std::string_view bytes) {
    std::size_t complete = 0; // bytes of `unfinished` that are whole messages
    while (!bytes.empty() && !play_->framer.failed()) {
        const auto step = play_->framer.step(bytes);
        play_->unfinished += bytes.substr(0, step.length);
        bytes.remove_prefix(step.length);
        if (step.complete) {
            complete = play_->unfinished.size();
            note_client_message();
        }
    }
    const std::string messages = play_->unfinished.substr(0, complete);
    play_->unfinished.erase(0, complete);
    const bool nonsense = play_->framer.failed();
    send_to_device(messages);
    if (nonsense && play_)
        end_play();
}

void Splice::note_client_message() {
    const std::string_view method = play_->framer.method();
    if (method.empty()) // a frame, a response, a blank line
        return;
    ++device_->unanswered;
    if (method == "SETUP")
        play_->set_up = true;
    else if (method == "PLAY")
        play_->playing = true;
    else if (method == "TEARDOWN")
        play_->playing = false;
}

void Splice::send_to_client(std::string_view bytes) {
    if (send_or_keep(play_->descriptor.get(), play_->waiting, bytes))
        return;
    std::array<char, 4096> last_words{};
    while (play_ && read_client(last_words)) {
    }
    if (play_)
        end_play();
}

void Splice::end_play() {
    Drain drain;
    drain.began = drain.last_frame = Clock::now();
    drain.until_quiet = play_->playing;
    play_.reset();
    device_->passing = false;
    device_->minute = drain.began;
    device_->minute_bytes = 0;
    drain_ = drain;
    continue_drain();
}

// The device

void Splice::handle_device(std::uint32_t events, std::span<char> buffer) {
    if ((events & EPOLLOUT) != 0)
        send_to_device({});
    if (!device_)
        return;
    if ((events & EPOLLIN) != 0)
        read_device(buffer);
    else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
        lose_device("its connection has ended");
}

void Splice::read_device(std::span<char> buffer) {
    const ssize_t received = recv(device_->descriptor, buffer.data(), buffer.size(), 0);
    if (received > 0)
        take_from_device(buffer.first(static_cast<std::size_t>(received)));
    else if (received == 0 || is_fatal(errno))
        lose_device("its connection has ended");
}

void Splice::take_from_device(std::span<char> bytes) {
    bool frames = false;
    const std::size_t picked = pick_for_client(bytes, frames);
    if (device_->framer.failed())
        return lose_device("it sends what is not RTSP");
    if (play_ && picked > 0)
        send_to_client({bytes.data(), picked});
    if (drain_) {
        if (frames)
            drain_->last_frame = Clock::now();
        continue_drain();
    } else if (device_ && !play_) {
        count_idle(bytes.size());
    }
}

// Moves what the client is to get to the front, and returns its length.
std::size_t Splice::pick_for_client(std::span<char> bytes, bool& frames) {
    std::size_t picked = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        RtspFramer& framer = device_->framer;
        const std::string_view rest(bytes.data() + at, bytes.size() - at);
        if (framer.at_boundary())
            device_->passing = play_ && (play_->set_up || rest.front() != '$');
        const auto step = framer.step(rest);
        if (framer.failed())
            break;
        frames |= step.frame;
        if (device_->passing) {
            if (picked != at)
                std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), step.length,
                            bytes.begin() + static_cast<std::ptrdiff_t>(picked));
            picked += step.length;
        }
        at += step.length;
        if (step.complete && framer.kind() == RtspFramer::Kind::Response && device_->unanswered > 0)
            --device_->unanswered;
    }
    return picked;
}

void Splice::send_to_device(std::string_view bytes) {
    if (!send_or_keep(device_->descriptor, device_->waiting, bytes))
        lose_device("its connection has ended");
    else if (drain_)
        continue_drain();
}

void Splice::count_idle(std::size_t bytes) {
    if (const auto now = Clock::now(); now - device_->minute > 1min) {
        device_->minute = now;
        device_->minute_bytes = 0;
    }
    device_->minute_bytes += bytes;
    if (device_->minute_bytes > options_.idle_bytes)
        lose_device("it sends although nothing plays");
}

void Splice::lose_device(const std::string& why) {
    const OnGone on_gone = std::move(device_->on_gone);
    play_.reset();
    drain_.reset();
    device_.reset();
    if (on_gone)
        on_gone(why);
}

// Between plays

bool Splice::drained(Clock::time_point now) const {
    return device_->unanswered == 0 && device_->waiting.empty() && device_->framer.at_boundary() &&
           (!drain_->until_quiet || now - drain_->last_frame >= options_.quiet);
}

void Splice::continue_drain() {
    const auto now = Clock::now();
    if (drained(now))
        return drain_.reset();
    const auto quiet_at = drain_->last_frame + options_.quiet;
    const auto streaming_end = drain_->began + options_.streaming_limit;
    const auto answer_end = drain_->began + options_.answer_limit;
    if (now >= answer_end)
        return lose_device("it does not answer");
    if (drain_->until_quiet && now >= streaming_end && now < quiet_at)
        return lose_device("it does not stop sending");
    drain_->deadline = answer_end;
    if (drain_->until_quiet && quiet_at > now)
        drain_->deadline = std::min(quiet_at, answer_end);
}

std::optional<Splice::Clock::time_point> Splice::deadline() const {
    return drain_ ? drain_->deadline : std::nullopt;
}

void Splice::expire() {
    if (drain_)
        continue_drain();
    update_interest();
}

} // namespace rtspproxy::registration_app
