#include "app/backend/tap/tap.hpp"

#include "plugins/rtp/frames.hpp"
#include "plugins/support/element.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace rtspproxy::backend {
namespace {

// A chunk is as long as a few bursts of the back end, within these: so what an access unit keeps by
// staying where it is, is not much more than itself.
constexpr std::size_t kLeastChunk = 32 * 1024;
constexpr std::size_t kMostChunk = 512 * 1024;
constexpr std::size_t kBursts = 4;
// For the next burst; one more than expected, for a recv that fills its room may not have been all.
constexpr std::size_t kLeastRoom = 4 * 1024;
constexpr std::size_t kMostRoom = kMostChunk / kBursts;

thread_local std::weak_ptr<Tap> newest;

gssize fail(GError** error, int error_number) {
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(error_number), "receiving: %s",
                g_strerror(error_number));
    return -1;
}

// Whether the other end has gone, and not the reader.
bool has_ended(gssize got, GError** error) {
    if (got == 0)
        return true;
    const int code = error != nullptr && *error != nullptr ? (*error)->code : G_IO_ERROR_CANCELLED;
    return code != G_IO_ERROR_CANCELLED && code != G_IO_ERROR_WOULD_BLOCK &&
           code != G_IO_ERROR_TIMED_OUT;
}

} // namespace

std::shared_ptr<Tap> Tap::create(GSocket* socket, Ref<GOutputStream> out, Ref<GInputStream> in) {
    const std::shared_ptr<Tap> tap(new Tap(socket, std::move(out), std::move(in)));
    newest = tap;
    return tap;
}

Tap::~Tap() = default;

void Tap::claim_newest(const std::shared_ptr<Ledger>& ledger,
                       const ConversationMaker& make_conversation) {
    const auto tap = newest.lock();
    if (!tap || tap->ledger_)
        return;
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    if (getpeername(tap->descriptor_, reinterpret_cast<sockaddr*>(&peer), &length) == 0)
        *ledger->peer.lock() = HostAddress::of(reinterpret_cast<const sockaddr*>(&peer));
    if (tap->touched_.load())
        return;
    tap->ledger_ = ledger;
    if (tap->out_ && make_conversation)
        tap->conversation_ = make_conversation(tap->out_);
}

gssize Tap::write(std::span<const std::uint8_t> bytes, bool blocking, GCancellable* cancellable,
                  GError** error) {
    touched_.store(true);
    if (conversation_)
        return conversation_->write(bytes, cancellable, error);
    GOutputStream* out = out_.get();
    if (blocking)
        return G_OUTPUT_STREAM_GET_CLASS(out)->write_fn(out, bytes.data(), bytes.size(),
                                                        cancellable, error);
    auto* pollable = G_POLLABLE_OUTPUT_STREAM(out);
    return G_POLLABLE_OUTPUT_STREAM_GET_INTERFACE(pollable)->write_nonblocking(
        pollable, bytes.data(), bytes.size(), error);
}

void Tap::close() {
    if (conversation_)
        conversation_->close(socket_.get());
}

void Tap::CancelDescriptor::set(GCancellable* cancellable) {
    if (cancellable == cancellable_.get())
        return;
    if (cancellable_ && poll_.fd >= 0)
        g_cancellable_release_fd(cancellable_.get());
    poll_.fd = -1;
    cancellable_ = Ref<GCancellable>::share(cancellable);
    if (cancellable != nullptr && !g_cancellable_make_pollfd(cancellable, &poll_))
        poll_.fd = -1;
}

gssize Tap::read(std::span<std::uint8_t> out, bool blocking, GCancellable* cancellable,
                 GError** error) {
    if (g_cancellable_set_error_if_cancelled(cancellable, error))
        return -1;
    touched_.store(true);
    if (!ledger_)
        return receive(out, blocking, cancellable, error);
    if (conversation_)
        hand_out(conversation_->take_answers());
    while (outbox_.empty()) {
        Feed::take_back(); // who reads on is done with what was read
        if (broken_)
            return fail(error, EPROTO);
        // What is cut in two has to be copied.
        make_room(std::clamp(bursts_.expected() + 1, kLeastRoom, kMostRoom));
        const gssize got = receive(chunk_.bytes().subspan(end_), blocking, cancellable, error);
        if (got <= 0) {
            if (conversation_ && has_ended(got, error))
                conversation_->end();
            return got;
        }
        end_ += static_cast<std::size_t>(got);
        bursts_.add(static_cast<std::size_t>(got), drained_);
        broken_ = !split();
    }
    return give(out);
}

// A recv that did not fill what it was given has emptied the socket: the next one can wait first,
// which spares the one that would tell so.
//
// Waking up is what remains of the cost of an access unit: with 60 back ends of 2 Mbit/s, a quarter
// is the switch to this thread, a quarter the send, a tenth poll() itself. Measured and not taken:
// epoll instead of poll() costs the same; a recv that blocks saves a tenth of the wake-up, but
// cannot be cancelled; one thread for all back ends would save the switches, and let one that is
// held up hold all the others up.
gssize Tap::receive(std::span<std::uint8_t> into, bool blocking, GCancellable* cancellable,
                    GError** error) {
    if (in_)
        return receive_decrypted(into, blocking, cancellable, error);
    for (;;) {
        if (blocking && drained_ ? !wait(cancellable, error)
                                 : g_cancellable_set_error_if_cancelled(cancellable, error) != 0)
            return -1;
        const ssize_t got = recv(descriptor_, into.data(), into.size(), MSG_DONTWAIT);
        drained_ = got < static_cast<ssize_t>(into.size());
        if (got >= 0)
            return got;
        if (errno == EINTR || (blocking && (errno == EAGAIN || errno == EWOULDBLOCK)))
            continue;
        return fail(error, errno);
    }
}

// The stream's own functions, not GInputStream's, which allow no reading within a read.
gssize Tap::receive_decrypted(std::span<std::uint8_t> into, bool blocking,
                              GCancellable* cancellable, GError** error) {
    gssize got = 0;
    if (blocking) {
        got = G_INPUT_STREAM_GET_CLASS(in_.get())->read_fn(in_.get(), into.data(), into.size(),
                                                           cancellable, error);
    } else {
        auto* pollable = G_POLLABLE_INPUT_STREAM(in_.get());
        got = G_POLLABLE_INPUT_STREAM_GET_INTERFACE(pollable)->read_nonblocking(
            pollable, into.data(), into.size(), error);
    }
    drained_ = got < static_cast<gssize>(into.size());
    return got;
}

bool Tap::readable() const {
    if (pending())
        return true;
    return in_ ? g_pollable_input_stream_is_readable(G_POLLABLE_INPUT_STREAM(in_.get())) != FALSE
               : g_socket_condition_check(socket_.get(), G_IO_IN) != 0;
}

GSource* Tap::create_source() const {
    if (pending())
        return g_timeout_source_new(0);
    return in_ ? g_pollable_input_stream_create_source(G_POLLABLE_INPUT_STREAM(in_.get()), nullptr)
               : g_socket_create_source(socket_.get(), G_IO_IN, nullptr);
}

bool Tap::wait(GCancellable* cancellable, GError** error) {
    // In the midst of a message rtspsrc passes none; the one that it has is kept for later.
    if (cancellable != nullptr)
        cancel_.set(cancellable);
    std::array<pollfd, 2> fds{pollfd{descriptor_, POLLIN, 0},
                              pollfd{cancellable != nullptr ? cancel_.get() : -1, POLLIN, 0}};
    const auto seconds = static_cast<int>(g_socket_get_timeout(socket_.get()));
    const int ready = poll(fds.data(), fds.size(), seconds > 0 ? seconds * 1000 : -1);
    if (ready < 0 && errno != EINTR) {
        fail(error, errno);
        return false;
    }
    if (ready == 0) {
        fail(error, ETIMEDOUT);
        return false;
    }
    return fds[1].revents == 0 || !g_cancellable_set_error_if_cancelled(cancellable, error);
}

gssize Tap::give(std::span<std::uint8_t> out) {
    Item& item = outbox_.front();
    if (given_ == 0) {
        if (item.feed)
            Feed::hand_over(item.feed, item.sample);
        else
            Feed::take_back();
    }
    const std::size_t length = std::min(out.size(), item.bytes.size() - given_);
    std::copy_n(item.bytes.begin() + static_cast<std::ptrdiff_t>(given_), length, out.begin());
    given_ += length;
    if (given_ == item.bytes.size()) {
        outbox_.pop_front();
        given_ = 0;
    }
    return static_cast<gssize>(length);
}

// Room for `wanted` bytes at least behind what is not split yet. A chunk that nobody holds any more
// is begun again: it is the one that the cache knows.
void Tap::make_room(std::size_t wanted) {
    const std::size_t left = end_ - begin_;
    if (left == 0 && chunk_.unused())
        begin_ = end_ = 0;
    if (end_ + wanted <= chunk_.bytes().size())
        return;
    Chunk fresh(
        std::max(std::clamp(kBursts * bursts_.expected(), kLeastChunk, kMostChunk), left + wanted));
    std::copy_n(chunk_.bytes().begin() + static_cast<std::ptrdiff_t>(begin_), left,
                fresh.bytes().begin());
    chunk_ = std::move(fresh);
    begin_ = 0;
    end_ = left;
}

// Whether it is RTSP.
bool Tap::split() {
    using Kind = InterleavedSplitter::Piece::Kind;
    const std::uint64_t now = monotonic_now();
    bool sound = true;
    while (begin_ < end_) {
        const auto bytes = chunk_.bytes().subspan(begin_, end_ - begin_);
        const auto piece = splitter_.next(bytes);
        if (piece.kind == Kind::Incomplete) {
            end_run();
            make_room(piece.length - bytes.size());
            break;
        }
        if (piece.kind == Kind::Broken) {
            sound = false;
            break;
        }
        begin_ += piece.length;
        if (piece.kind == Kind::Frame)
            take_frame(piece.channel, bytes.first(piece.length), now);
        else if (piece.kind == Kind::Text)
            take_text(bytes.first(piece.length), piece.ends);
        else if (piece.kind == Kind::Stray)
            ledger_->stray_bytes.fetch_add(piece.length, std::memory_order_relaxed);
    }
    push_feeds();
    return sound;
}

// The splitter bounds a message.
void Tap::take_text(std::span<const std::uint8_t> bytes, bool ends) {
    message_.append(bytes.begin(), bytes.end());
    if (!ends)
        return;
    const std::string message = std::exchange(message_, {});
    hand_out(conversation_ ? conversation_->receive(message) : Conversation::Messages{message});
}

void Tap::hand_out(const Conversation::Messages& messages) {
    for (const std::string& message : messages)
        outbox_.push_back({{message.begin(), message.end()}, nullptr, false});
}

void Tap::take_frame(std::uint8_t channel, std::span<std::uint8_t> frame, std::uint64_t now) {
    const auto data = frame.subspan(rtp::kFrameHeaderSize);
    if (!is_rtcp(data) && rtp::PacketView::parse(data)) {
        take_packet(channel, frame, Lane::Packet::read(data), now);
        return;
    }
    outbox_.push_back({{frame.begin(), frame.end()}, nullptr, false});
}

void Tap::take_packet(std::uint8_t channel, std::span<std::uint8_t> frame,
                      const Lane::Packet& packet, std::uint64_t now) {
    auto& feed = feeds_[channel];
    if (!feed)
        feed = std::make_shared<Feed>(ledger_);
    if (!feed->admits(packet, now)) {
        keep(channel, frame.subspan(rtp::kFrameHeaderSize), packet, now);
        return;
    }
    feed->count_gap(packet);
    if (!feed->attached()) {
        outbox_.push_back({{frame.begin(), frame.end()}, feed, false});
        return;
    }
    if (const auto header = feed->sample(packet, now)) {
        outbox_.push_back({{frame.begin(), frame.end()}, feed, true});
        header->write(std::span(outbox_.back().bytes).subspan(rtp::kFrameHeaderSize));
    }
    if (ledger_->open.load(std::memory_order_relaxed))
        extend_run(*feed, frame);
}

// Copied: what waits would keep all that was read along with it.
void Tap::keep(std::uint8_t channel, std::span<const std::uint8_t> data, const Lane::Packet& packet,
               std::uint64_t now) {
    auto copy = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, data.size(), nullptr));
    gst_buffer_fill(copy.get(), 0, data.data(), data.size());
    feeds_[channel]->keep({std::move(copy), packet}, now,
                          [&](Feed::Kept&& kept) { take_kept(channel, std::move(kept), now); });
}

void Tap::take_kept(std::uint8_t channel, Feed::Kept&& kept, std::uint64_t now) {
    const auto& feed = feeds_[channel];
    end_run(); // it comes before
    feed->count_gap(kept.header);
    const auto to_rtspsrc = [&](GstBuffer* packet, bool sample) {
        const std::size_t size = gst_buffer_get_size(packet);
        Item item{std::vector<std::uint8_t>(rtp::kFrameHeaderSize + size), feed, sample};
        rtp::write_frame_header(item.bytes, channel, size);
        gst_buffer_extract(packet, 0, item.bytes.data() + rtp::kFrameHeaderSize, size);
        outbox_.push_back(std::move(item));
    };
    if (!feed->attached()) {
        to_rtspsrc(kept.buffer.get(), false);
        return;
    }
    if (const auto header = feed->sample(kept.header, now))
        to_rtspsrc(sample_of(kept.buffer.get(), *header).get(), true);
    if (ledger_->open.load(std::memory_order_relaxed) && feed->add(std::move(kept.buffer)))
        filled_.push_back(feed.get());
}

// Appends the frame to the run, or ends that one and begins another.
void Tap::extend_run(Feed& feed, std::span<std::uint8_t> frame) {
    const auto data = frame.subspan(rtp::kFrameHeaderSize);
    const std::uint32_t timestamp = rtp::read_u32(data, 4);
    const bool marker = (data[1] & 0x80U) != 0;
    if (run_.feed != &feed || run_.timestamp != timestamp ||
        run_.frames.data() + run_.frames.size() != frame.data()) {
        end_run();
        run_ = {&feed, timestamp, frame};
    } else {
        run_.frames = {run_.frames.data(), run_.frames.size() + frame.size()};
    }
    if (marker)
        end_run();
}

void Tap::end_run() {
    const Run run = std::exchange(run_, {});
    if (run.feed != nullptr && run.feed->add(chunk_.slice(run.frames)))
        filled_.push_back(run.feed);
}

void Tap::push_feeds() {
    end_run();
    for (Feed* feed : filled_)
        feed->push();
    filled_.clear();
}

} // namespace rtspproxy::backend
