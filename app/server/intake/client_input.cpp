#include "app/server/intake/client_input.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace rtspproxy::server {
namespace {

using namespace std::chrono_literals;
using Kind = RequestFramer::Piece::Kind;

constexpr std::size_t kReadSize = 16 * 1024; // a turn
constexpr std::size_t kUnit = 1024;          // of Pace
// Between two messages, line ends and what is no base64 included.
constexpr std::size_t kMaxUnfinished = 2 * (kMaxRequestHead + kMaxRequestBody);
// A tunnel's GET is to be silent; a body that its Content-Length announces is not.
constexpr std::size_t kMaxIgnored = 64 * 1024;
// How long the end of what is refused is waited for.
constexpr auto kQuiet = 50ms;
constexpr auto kMaxDrainTime = 1s;
constexpr std::size_t kMaxDrained = 1024 * 1024;

constexpr std::string_view kTunnelOpen = "HTTP/1.0 200 OK\r\n"
                                         "Server: gst-rtsp-proxy\r\n"
                                         "Connection: close\r\n"
                                         "Cache-Control: no-store\r\n"
                                         "Pragma: no-cache\r\n"
                                         "Content-Type: application/x-rtsp-tunnelled\r\n\r\n";
constexpr std::string_view kNoTunnel = "HTTP/1.0 400 Bad Request (RTSP is spoken here)\r\n"
                                       "Connection: close\r\n\r\n";
constexpr std::string_view kCookieUsed = "HTTP/1.0 409 Conflict (x-sessioncookie is in use)\r\n"
                                         "Connection: close\r\n\r\n";

} // namespace

ClientInput::ClientInput(Ref<GSocket> socket, Admission& admission)
    : socket_(std::move(socket)), admission_(admission) {}

ClientInput::~ClientInput() {
    if (mailbox_)
        intake().tunnels.leave(cookie_, mailbox_);
}

gssize ClientInput::read(std::span<std::uint8_t> out) {
    if (!holds_bytes())
        advance();
    if (!holds_bytes())
        return state_ == State::Ended ? 0 : -1;
    const std::size_t count = std::min(out.size(), released_.size() - taken_);
    std::memcpy(out.data(), released_.data() + taken_, count);
    taken_ += count;
    return static_cast<gssize>(count);
}

// GstRTSPConnection reads one message, then lets others have their turn.
void ClientInput::advance() {
    released_.clear();
    taken_ = 0;
    switch (state_) {
    case State::Direct:
        return read_direct();
    case State::Getting:
        return read_tunnel();
    case State::Posting:
        if (mailbox_->moved())
            return end();
        return check_time();
    case State::Draining:
        return drain();
    case State::Answering:
        return end();
    case State::Ended:
        return;
    }
}

void ClientInput::read_direct() {
    if (!pace_.ready(Clock::now()) || hand_on_next())
        return;
    std::size_t length = 0;
    switch (receive(socket_.get(), length)) {
    case Received::End:
        return end();
    case Received::Bytes:
        count_unfinished(length);
        if (!hand_on_next() && unfinished_ > kMaxUnfinished)
            refuse(Refusal::Malformed);
        break;
    case Received::Nothing:
        break;
    }
    check_time();
}

void ClientInput::read_tunnel() {
    if (auto post = mailbox_->take_post())
        take_post(std::move(*post));
    std::array<std::uint8_t, 4096> scratch{};
    const ssize_t came =
        recv(g_socket_get_fd(socket_.get()), scratch.data(), scratch.size(), MSG_DONTWAIT);
    ignored_ += came > 0 ? static_cast<std::size_t>(came) : 0U;
    if (came == 0 || (came < 0 && errno != EAGAIN && errno != EINTR) || ignored_ > kMaxIgnored)
        return end();
    if (!pace_.ready(Clock::now()) || hand_on_next())
        return;
    std::size_t length = 0;
    if (post_ && receive(post_.get(), length) == Received::End)
        post_ = nullptr; // the client may POST again
    if (length > 0) {
        count_unfinished(length);
        if (!hand_on_next() && unfinished_ > kMaxUnfinished)
            refuse(Refusal::Malformed);
    }
    check_time();
}

void ClientInput::count_unfinished(std::size_t length) {
    pace_.charge(length / kUnit, Clock::now());
    unfinished_ += length;
}

// Appends to input_, from a tunnel decoded; `length` is that of what came.
ClientInput::Received ClientInput::receive(GSocket* socket, std::size_t& length) {
    std::array<std::uint8_t, kReadSize> bytes;
    const ssize_t got = recv(g_socket_get_fd(socket), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? Received::Nothing : Received::End;
    if (got == 0)
        return Received::End;
    length = static_cast<std::size_t>(got);
    const std::span<const std::uint8_t> came(bytes.data(), length);
    if (state_ == State::Getting)
        decode(came);
    else
        input_.insert(input_.end(), came.begin(), came.end());
    return Received::Bytes;
}

void ClientInput::decode(std::span<const std::uint8_t> text) {
    const std::size_t before = input_.size();
    input_.resize(before + text.size() / 4 * 3 + 3); // as g_base64_decode_step() asks for
    const gsize count =
        g_base64_decode_step(reinterpret_cast<const gchar*>(text.data()), text.size(),
                             input_.data() + before, &decode_state_, &decode_save_);
    input_.resize(before + count);
}

// True: something was handed on, or the state has changed.
bool ClientInput::hand_on_next() {
    if (input_.empty())
        return false;
    std::span<const std::uint8_t> rest(input_);
    RequestFramer::Piece piece = framer_.next(rest);
    input_.erase(input_.begin(), input_.end() - static_cast<std::ptrdiff_t>(rest.size()));
    if (piece.kind == Kind::Incomplete) {
        if (framer_.in_piece() && !begun_)
            begun_ = Clock::now();
        return false;
    }
    begun_.reset();
    if (piece.kind != Kind::Opaque)
        unfinished_ = 0;
    pace_.charge(1, Clock::now());
    take(std::move(piece));
    return true;
}

void ClientInput::take(RequestFramer::Piece piece) {
    const bool in_tunnel = state_ == State::Getting;
    switch (piece.kind) {
    case Kind::Message:
        prove();
        released_ = std::move(piece.bytes);
        break;
    case Kind::Opaque:
        if (in_tunnel || unfinished_ > kMaxUnfinished)
            return refuse(Refusal::Malformed);
        [[fallthrough]];
    case Kind::Frame:
        released_ = std::move(piece.bytes);
        break;
    case Kind::TunnelGet:
        return in_tunnel ? refuse(Refusal::Malformed) : start_get(piece.cookie);
    case Kind::TunnelPost:
        return in_tunnel ? refuse(Refusal::Malformed) : start_post(piece.cookie);
    case Kind::Refused:
        return refuse(piece.refusal);
    case Kind::Incomplete:
        break;
    }
}

void ClientInput::prove() {
    admission_.prove();
    if (post_)
        post_admission_->prove();
}

void ClientInput::make_mailbox(const std::string& cookie) {
    mailbox_ = std::make_shared<TunnelMailbox>();
    if (context_ != nullptr)
        mailbox_->watch_in(context_);
    cookie_ = cookie;
}

void ClientInput::start_get(const std::string& cookie) {
    make_mailbox(cookie);
    if (!intake().tunnels.open(cookie, mailbox_)) {
        mailbox_ = nullptr;
        return refuse(Refusal::CookieUsed);
    }
    ++intake().counters.tunnels;
    input_.clear();
    state_ = State::Getting;
    answer_http(kTunnelOpen);
}

void ClientInput::start_post(const std::string& cookie) {
    make_mailbox(cookie);
    state_ = State::Posting;
    begun_ = Clock::now(); // it has as long as a request for its GET to come
    intake().tunnels.join(cookie, {socket_, &admission_, std::exchange(input_, {})}, mailbox_);
}

// Each POST begins with a message of its own.
void ClientInput::take_post(TunnelPost post) {
    post_ = std::move(post.socket);
    post_admission_ = post.admission;
    framer_ = {};
    begun_.reset();
    unfinished_ = 0;
    decode_state_ = 0;
    decode_save_ = 0;
    input_.clear();
    decode(post.rest);
}

// Nothing of ours has been written on this connection, so it fits.
void ClientInput::answer_http(std::string_view answer) {
    const ssize_t sent = send(g_socket_get_fd(socket_.get()), answer.data(), answer.size(),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(answer.size()))
        end();
}

void ClientInput::refuse(Refusal refusal) {
    const bool long_one = refusal == Refusal::TooLong;
    ++(long_one ? intake().counters.too_long : intake().counters.malformed);
    intake().warn("client " + admission_.address() + " disconnected: what it sent is " +
                  (long_one ? "longer than any request may be" : "no RTSP request"));
    state_ = State::Draining;
    input_.clear();
    drained_ = 0;
    give_up_at_ = Clock::now() + kMaxDrainTime;
    quiet_at_ = Clock::now() + kQuiet;
    last_words_.clear();
    if (refusal == Refusal::PlainHttp || refusal == Refusal::CookieUsed)
        answer_http(refusal == Refusal::PlainHttp ? kNoTunnel : kCookieUsed);
    else
        last_words_ = provoking_message(refusal, framer_.cseq());
}

void ClientInput::drain() {
    std::array<std::uint8_t, kReadSize> bytes;
    GSocket* socket = post_ ? post_.get() : socket_.get();
    const ssize_t got = recv(g_socket_get_fd(socket), bytes.data(), bytes.size(), MSG_DONTWAIT);
    const auto now = Clock::now();
    if (got > 0) {
        drained_ += static_cast<std::size_t>(got);
        quiet_at_ = now + kQuiet;
    }
    const bool over = got == 0 || now >= quiet_at_ || now >= give_up_at_ || drained_ > kMaxDrained;
    if (!over)
        return;
    state_ = last_words_.empty() ? State::Ended : State::Answering;
    released_ = std::exchange(last_words_, {});
}

// A request that takes too long to come. One that is held back by the pace does not.
void ClientInput::check_time() {
    if (!begun_ || Clock::now() < *begun_ + intake().options.request_timeout || holds_bytes() ||
        (state_ != State::Direct && state_ != State::Getting && state_ != State::Posting))
        return;
    ++intake().counters.timed_out;
    intake().warn("client " + admission_.address() +
                  " disconnected: its request is not complete after --request-timeout");
    end();
}

ClientInput::Wanted ClientInput::wanted() const {
    Wanted wanted;
    const auto earlier = [&wanted](Clock::time_point time) {
        wanted.time = wanted.time ? std::min(*wanted.time, time) : time;
    };
    if (holds_bytes() || state_ == State::Ended || state_ == State::Answering) {
        earlier(Clock::now());
        return wanted;
    }
    const int own = g_socket_get_fd(socket_.get());
    const int post = post_ ? g_socket_get_fd(post_.get()) : -1;
    if (state_ == State::Draining) {
        (post_ ? wanted.post : wanted.own) = post_ ? post : own;
        earlier(std::min(quiet_at_, give_up_at_));
        return wanted;
    }
    if (begun_)
        earlier(*begun_ + admission_.state().options.request_timeout);
    if (state_ == State::Posting)
        return wanted;
    if (state_ == State::Getting)
        wanted.own = own;
    if (const auto ready_at = pace_.ready_at(); !input_.empty() || ready_at > Clock::now())
        earlier(ready_at); // what has come goes first
    else
        (state_ == State::Getting ? wanted.post : wanted.own) =
            state_ == State::Getting ? post : own;
    return wanted;
}

} // namespace rtspproxy::server
