#include "app/delivery/socket_output.hpp"

#include "app/log.hpp"
#include "plugins/support/element.hpp"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <utility>

namespace rtspproxy::delivery {
namespace {

// So many responses are left to wait for a client that asks and does not read.
constexpr std::size_t kMaxResponseBytes = 256 * 1024;
// Entries of one sendmsg(); more gain nothing.
constexpr std::size_t kMaxVector = 64;
constexpr std::uint64_t kKeepAliveInterval = 5'000'000'000;

} // namespace

class SocketOutput::TrackReceiver : public Receiver {
  public:
    TrackReceiver(std::shared_ptr<SocketOutput> output, unsigned track, std::uint8_t rtp_channel,
                  std::uint8_t rtcp_channel, bool has_key_frames, std::function<void()> keep_alive)
        : output_(std::move(output)), keep_alive_(std::move(keep_alive)), track_(track),
          rtp_channel_(rtp_channel), rtcp_channel_(rtcp_channel), has_key_frames_(has_key_frames) {}

    Outcome deliver(const AccessUnitPtr& unit) override;
    bool prepare(const AccessUnitPtr& unit, Send& send) override;
    Outcome finish(const AccessUnitPtr& unit, const Send& send) override;
    void deliver_rtcp(const RtcpPtr& packet) override;
    Outcome begin(std::vector<AccessUnitPtr> burst) override;
    Outcome end() override;

  private:
    enum class State { Waiting, Playing, Ended };

    [[nodiscard]] ClientQueue::Media media(const AccessUnitPtr& unit) const {
        return {{unit, unit->framed(), other_channel(*unit)},
                track_,
                has_key_frames_,
                unit->starts_picture_group(),
                unit->packets()};
    }
    [[nodiscard]] std::optional<std::uint8_t> other_channel(const AccessUnit& unit) const {
        return unit.channel() == rtp_channel_ ? std::nullopt : std::optional(rtp_channel_);
    }
    Outcome deliver_locked(const AccessUnitPtr& unit);
    [[nodiscard]] std::uint64_t sent_locked(const AccessUnitPtr& unit, std::size_t done);
    void deliver_rtcp_locked(const RtcpPtr& packet);
    void keep_alive(std::uint64_t now);

    const std::shared_ptr<SocketOutput> output_;
    const std::function<void()> keep_alive_;
    const unsigned track_;
    const std::uint8_t rtp_channel_, rtcp_channel_;
    const bool has_key_frames_;
    std::atomic<std::uint64_t> kept_alive_{0};
    // streaming thread: the output's lock, from prepare() to finish()
    std::unique_lock<std::mutex> prepared_;

    // under the output's lock
    State state_ = State::Waiting;
    std::vector<AccessUnitPtr> pending_; // before begin()
};

SocketOutput::SocketOutput(FileDescriptor socket, std::string name, const OutputLimits& limits)
    : socket_(std::move(socket)), name_(std::move(name)), limits_(limits),
      queue_(limits.queue_bytes) {}

SocketOutput::~SocketOutput() = default;

ReceiverPtr SocketOutput::make_receiver(std::uint8_t rtp_channel, std::uint8_t rtcp_channel,
                                        bool has_key_frames, std::function<void()> keep_alive) {
    const std::lock_guard lock(mutex_);
    return std::make_shared<TrackReceiver>(shared_from_this(), next_track_++, rtp_channel,
                                           rtcp_channel, has_key_frames, std::move(keep_alive));
}

// Streaming thread. A client that keeps up is sent to at once; the access unit is shared only with
// the queue of one that does not.
Receiver::Outcome SocketOutput::TrackReceiver::deliver(const AccessUnitPtr& unit) {
    Outcome outcome;
    {
        const std::lock_guard lock(output_->mutex_);
        if (state_ == State::Waiting)
            pending_.push_back(unit);
        else if (state_ == State::Playing)
            outcome = deliver_locked(unit);
    }
    keep_alive(unit->arrival());
    return outcome;
}

Receiver::Outcome SocketOutput::TrackReceiver::deliver_locked(const AccessUnitPtr& unit) {
    SocketOutput& output = *output_;
    if (output.failed_)
        return output.take_kick_locked();
    Outcome outcome = Outcome::of(*unit);
    const bool passes = output.queue_.pass(track_, unit->starts_picture_group());
    if (passes && !other_channel(*unit)) {
        outcome.discarded = sent_locked(unit, output.send_locked(unit->framed()));
        return outcome;
    }
    output.begin_to_wait_locked();
    output.queue_.push(media(unit));
    if (passes)
        output.drain_locked();
    outcome.discarded = output.queue_.take_discarded(track_);
    return outcome;
}

// So many bytes of it have left; the rest waits. Returns what was discarded for it.
std::uint64_t SocketOutput::TrackReceiver::sent_locked(const AccessUnitPtr& unit,
                                                       std::size_t done) {
    if (done == unit->size() || output_->failed_)
        return 0;
    output_->begin_to_wait_locked();
    output_->queue_.push(media(unit), done);
    return output_->queue_.take_discarded(track_);
}

// The lock is only tried: others prepare several at once, too, and in another order.
bool SocketOutput::TrackReceiver::prepare(const AccessUnitPtr& unit, Send& send) {
    std::unique_lock lock(output_->mutex_, std::try_to_lock);
    if (!lock || state_ != State::Playing || output_->failed_ || other_channel(*unit) ||
        !output_->queue_.pass(track_, unit->starts_picture_group()))
        return false;
    send = {output_->socket_.get(), unit->framed(), 0};
    prepared_ = std::move(lock);
    return true;
}

Receiver::Outcome SocketOutput::TrackReceiver::finish(const AccessUnitPtr& unit, const Send& send) {
    Outcome outcome = Outcome::of(*unit);
    {
        const auto lock = std::move(prepared_);
        if (send.result == -ECANCELED)
            outcome = deliver_locked(unit); // it was not even tried
        else
            outcome.discarded = sent_locked(unit, output_->progress_locked(send.result));
    }
    keep_alive(unit->arrival());
    return outcome;
}

// Also what keeps the session of a client alive while its camera is away.
void SocketOutput::TrackReceiver::deliver_rtcp(const RtcpPtr& packet) {
    {
        const std::lock_guard lock(output_->mutex_);
        deliver_rtcp_locked(packet);
    }
    keep_alive(monotonic_now());
}

void SocketOutput::TrackReceiver::deliver_rtcp_locked(const RtcpPtr& packet) {
    if (state_ != State::Playing || output_->failed_)
        return;
    auto framed = std::make_shared<std::vector<std::uint8_t>>(*packet);
    (*framed)[1] = rtcp_channel_;
    const std::span<const std::uint8_t> bytes(*framed);
    output_->begin_to_wait_locked();
    output_->queue_.push_rtcp({std::move(framed), bytes});
    output_->drain_locked();
}

Receiver::Outcome SocketOutput::TrackReceiver::begin(std::vector<AccessUnitPtr> burst) {
    const std::lock_guard lock(output_->mutex_);
    if (state_ != State::Waiting || output_->failed_)
        return {};
    state_ = State::Playing;
    Outcome outcome;
    output_->begin_to_wait_locked();
    for (const AccessUnitPtr& unit : burst) {
        output_->queue_.push_burst(media(unit));
        outcome += Outcome::of(*unit);
    }
    for (const AccessUnitPtr& unit : std::exchange(pending_, {})) {
        output_->queue_.push(media(unit));
        outcome += Outcome::of(*unit);
    }
    outcome.discarded = output_->queue_.take_discarded(track_);
    output_->drain_locked();
    return outcome;
}

// What was waiting is lost to a client that asked for the end, and is not counted as discarded.
Receiver::Outcome SocketOutput::TrackReceiver::end() {
    const std::lock_guard lock(output_->mutex_);
    state_ = State::Ended;
    pending_.clear();
    output_->queue_.forget(track_);
    return output_->take_kick_locked();
}

// A session lives as long as something leaves for it, not as long as something is made.
void SocketOutput::TrackReceiver::keep_alive(std::uint64_t now) {
    std::uint64_t last = kept_alive_.load(std::memory_order_relaxed);
    if (now < last + kKeepAliveInterval ||
        output_->last_progress_.load(std::memory_order_relaxed) <= last ||
        !kept_alive_.compare_exchange_strong(last, now))
        return;
    keep_alive_();
}

bool SocketOutput::send_response(std::string text) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(shared->data()),
                                              shared->size());
    const std::lock_guard lock(mutex_);
    if (failed_)
        return false;
    if (queue_.response_bytes() > kMaxResponseBytes) {
        kick_locked("it asks and does not read the answers");
        return false;
    }
    begin_to_wait_locked();
    queue_.push_response({shared, bytes});
    drain_locked();
    return !failed_;
}

void SocketOutput::resume() {
    const std::lock_guard lock(mutex_);
    if (!failed_)
        drain_locked();
}

void SocketOutput::check_stuck(std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    if (!failed_ && !queue_.empty() && now - waiting_since_ > limits_.stuck_timeout)
        kick_locked("it has stopped reading");
}

void SocketOutput::close() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(failed_, true))
        shutdown(socket_.get(), SHUT_RDWR);
}

std::size_t SocketOutput::send_locked(std::span<const std::uint8_t> bytes) {
    const ssize_t sent =
        ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return progress_locked(sent < 0 ? -errno : sent);
}

// Takes the result of a send, so many bytes or a negative errno; returns how many left.
std::size_t SocketOutput::progress_locked(ssize_t sent) {
    if (sent < 0) {
        if (sent != -EAGAIN)
            fail_locked();
        return 0;
    }
    const std::uint64_t now = monotonic_now();
    last_progress_.store(now, std::memory_order_relaxed);
    waiting_since_ = now;
    return static_cast<std::size_t>(sent);
}

void SocketOutput::drain_locked() {
    while (!queue_.empty()) {
        std::array<iovec, kMaxVector> vector;
        std::array<ClientQueue::FrameHeader, kMaxVector / 2> headers;
        msghdr message{};
        message.msg_iov = vector.data();
        message.msg_iovlen = queue_.gather(vector, headers);
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < message.msg_iovlen; ++i)
            wanted += vector[i].iov_len;
        const ssize_t sent = sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        const std::size_t done = progress_locked(sent < 0 ? -errno : sent);
        queue_.consume(done);
        if (done < wanted)
            return; // the Writer is told when there is room
    }
}

void SocketOutput::begin_to_wait_locked() {
    if (queue_.empty())
        waiting_since_ = monotonic_now();
}

// The client's own watch sees the end of the connection and cleans up after it.
void SocketOutput::fail_locked() {
    failed_ = true;
    shutdown(socket_.get(), SHUT_RDWR);
}

// Tells once that the client was disconnected.
Receiver::Outcome SocketOutput::take_kick_locked() {
    return {0, 0, 0, std::exchange(kicked_, false) ? 1U : 0U};
}

void SocketOutput::kick_locked(const char* why) {
    log::warning("%s disconnected: %s", name_.c_str(), why);
    kicked_ = true;
    fail_locked();
}

} // namespace rtspproxy::delivery
