#include "app/delivery/transport_receiver.hpp"

#include "app/delivery/buffers.hpp"
#include "app/delivery/client_queue.hpp"
#include "app/delivery/server_refs.hpp"
#include "app/delivery/takeover.hpp"
#include "app/log.hpp"
#include "plugins/support/boxed.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/main_context.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

namespace rtspproxy::delivery {
namespace {

class TransportReceiver : public Receiver, public std::enable_shared_from_this<TransportReceiver> {
  public:
    TransportReceiver(GstRTSPClient* client, GstRTSPStreamTransport* transport, bool has_key_frames,
                      const OutputLimits& limits)
        : context_(current_context()), client_(Ref<GstRTSPClient>::share(client)),
          transport_(Ref<GstRTSPStreamTransport>::share(transport)),
          has_key_frames_(has_key_frames), stuck_timeout_(limits.stuck_timeout),
          rtp_channel_(channel_of(transport, 0)), rtcp_channel_(channel_of(transport, 1)),
          queue_(limits.queue_bytes) {}

    Outcome deliver(const AccessUnitPtr& unit) override;
    void deliver_rtcp(const RtcpPtr& packet) override;
    Outcome begin(std::vector<AccessUnitPtr> burst) override;
    void suspend() override;
    Outcome end() override;

  private:
    enum class State { Waiting, Playing, Ended };

    static std::uint8_t channel_of(GstRTSPStreamTransport* transport, int offset) {
        return static_cast<std::uint8_t>(
            gst_rtsp_stream_transport_get_transport(transport)->interleaved.min + offset);
    }
    [[nodiscard]] ClientQueue::Media media(const AccessUnitPtr& unit) const {
        return {{unit, unit->framed(), rtp_channel_},
                0,
                has_key_frames_,
                unit->starts_picture_group(),
                unit->packets()};
    }
    void pump();
    [[nodiscard]] bool send(const Piece& piece);
    void sent();
    [[nodiscard]] bool stuck_locked(std::uint64_t now) const {
        return in_flight_ && now - in_flight_since_ > stuck_timeout_;
    }

    const Ref<GMainContext> context_; // the client's
    const Ref<GstRTSPClient> client_; // its callbacks are called
    const Ref<GstRTSPStreamTransport> transport_;
    const bool has_key_frames_;
    const std::uint64_t stuck_timeout_;
    const std::uint8_t rtp_channel_, rtcp_channel_;

    std::mutex mutex_; // of what follows
    ClientQueue queue_;
    State state_ = State::Waiting;
    std::vector<AccessUnitPtr> pending_;
    bool in_flight_ = false;
    bool pumping_ = false; // a thread is in pump(), and sends what is queued meanwhile
    bool sending_ = false; // it is in send()
    bool suspended_ = false;
    std::condition_variable returned_; // from send()
    std::uint64_t in_flight_since_ = 0;
};

Receiver::Outcome TransportReceiver::deliver(const AccessUnitPtr& unit) {
    Outcome outcome;
    bool kick = false;
    {
        const std::lock_guard lock(mutex_);
        if (state_ == State::Waiting)
            pending_.push_back(unit);
        if (state_ != State::Playing)
            return {};
        queue_.push(media(unit));
        outcome = Outcome::of(*unit);
        outcome.discarded = queue_.take_discarded(0);
        kick = stuck_locked(unit->arrival());
        if (kick) {
            state_ = State::Ended;
            outcome.kicked = 1;
        }
    }
    if (kick) {
        log::warning("a tunnelled client disconnected: it has stopped reading");
        post_to(context_.get(), [client = client_] { close_client(client.get()); });
    } else {
        pump();
    }
    return outcome;
}

void TransportReceiver::deliver_rtcp(const RtcpPtr& packet) {
    {
        const std::lock_guard lock(mutex_);
        if (state_ != State::Playing)
            return;
        auto framed = std::make_shared<std::vector<std::uint8_t>>(*packet);
        (*framed)[1] = rtcp_channel_;
        const std::span<const std::uint8_t> bytes(*framed);
        queue_.push_rtcp({std::move(framed), bytes});
    }
    pump();
}

Receiver::Outcome TransportReceiver::begin(std::vector<AccessUnitPtr> burst) {
    using WeakSelf = std::weak_ptr<TransportReceiver>;
    gst_rtsp_stream_transport_set_message_sent_full(
        transport_.get(),
        [](GstRTSPStreamTransport*, gpointer boxed) {
            if (const auto receiver = unbox<WeakSelf>(boxed).lock())
                receiver->sent();
        },
        box(weak_from_this()), free_box<WeakSelf>);
    Outcome outcome;
    {
        const std::lock_guard lock(mutex_);
        suspended_ = false;
        if (state_ == State::Waiting) {
            state_ = State::Playing;
            for (const AccessUnitPtr& unit : burst) {
                queue_.push_burst(media(unit));
                outcome += Outcome::of(*unit);
            }
            for (const AccessUnitPtr& unit : std::exchange(pending_, {})) {
                queue_.push(media(unit));
                outcome += Outcome::of(*unit);
            }
        }
    }
    pump();
    return outcome;
}

// A PLAY gives the transport another callback, until begin(): what is reported as sent in between
// would be waited for in vain. What is sent at once is reported in the thread that sends it, the
// rest in the client's, which is this one.
void TransportReceiver::suspend() {
    std::unique_lock lock(mutex_);
    suspended_ = true;
    returned_.wait(lock, [this] { return !sending_; });
}

Receiver::Outcome TransportReceiver::end() {
    const std::lock_guard lock(mutex_);
    state_ = State::Ended;
    pending_.clear();
    queue_.forget(0);
    return {};
}

// Sends until one stays on its way. No lock is held while it sends, and what it sends may be
// reported as sent from within.
void TransportReceiver::pump() {
    std::unique_lock lock(mutex_);
    if (std::exchange(pumping_, true))
        return;
    while (state_ == State::Playing && !suspended_ && !in_flight_ && !queue_.empty()) {
        const Piece piece = queue_.front();
        queue_.consume(piece.bytes.size());
        in_flight_ = true;
        in_flight_since_ = monotonic_now();
        sending_ = true;
        lock.unlock();
        const bool accepted = send(piece);
        lock.lock();
        sending_ = false;
        returned_.notify_all();
        if (!accepted)
            state_ = State::Ended; // GstRTSPClient closes itself
    }
    pumping_ = false;
}

bool TransportReceiver::send(const Piece& piece) {
    const auto list = buffers_of(piece);
    if (piece.channel) // RTCP has none
        return gst_rtsp_stream_transport_send_rtp_list(transport_.get(), list.get()) != FALSE;
    return gst_rtsp_stream_transport_send_rtcp(transport_.get(),
                                               gst_buffer_list_get(list.get(), 0)) != FALSE;
}

void TransportReceiver::sent() {
    {
        const std::lock_guard lock(mutex_);
        in_flight_ = false;
    }
    pump();
}

} // namespace

ReceiverPtr make_transport_receiver(GstRTSPClient* client, GstRTSPStreamTransport* transport,
                                    bool has_key_frames, const OutputLimits& limits) {
    return std::make_shared<TransportReceiver>(client, transport, has_key_frames, limits);
}

} // namespace rtspproxy::delivery
