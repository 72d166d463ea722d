// Tap: reads the TCP connection of an rtspsrc, ahead of it.
//
// As many bytes are read at once as there are and the chunk has room for; interleaved RTP of tracks
// whose way is known goes to their payloaders from here, and only the rest to rtspsrc: messages,
// RTCP, samples (lane.hpp). Packets stay where they were read to, and in their frames
// (rtp/frames.hpp): those of an access unit that follow each other are one buffer. An access unit
// that comes at once costs one poll, one recv and three small allocations.
//
// Messages, both ways, are the conversation's affair (conversation.hpp), if there is one.
//
// A tap that no back end has claimed reads and writes as a plain socket does. So do those of an
// HTTP tunnel: its two connections bear base64, which GstRTSPConnection codes above them.
#pragma once

#include "app/backend/tap/burst_estimate.hpp"
#include "app/backend/tap/chunk.hpp"
#include "app/backend/tap/conversation.hpp"
#include "app/backend/tap/feed.hpp"
#include "app/backend/tap/interleaved_splitter.hpp"
#include "app/backend/tap/ledger.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rtspproxy::backend {

class Tap {
  public:
    // Makes the conversation of a connection, whose own output stream this is.
    using ConversationMaker =
        std::function<std::shared_ptr<Conversation>(Ref<GOutputStream> stream)>;

    // A tap on a socket that this thread connects, whose own output stream is `out`. `in`: what is
    // to be read instead of the socket, for TLS.
    static std::shared_ptr<Tap> create(GSocket* socket, Ref<GOutputStream> out = nullptr,
                                       Ref<GInputStream> in = nullptr);
    ~Tap();
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    // For an rtspsrc, before it sends a request: claims the connection that this thread made last,
    // if nobody did. Not if something was read from it or written to it: then it bears an HTTP
    // tunnel, or TLS, which has a connection and a tap of its own upon it.
    static void claim_newest(const std::shared_ptr<Ledger>& ledger,
                             const ConversationMaker& make_conversation = {});

    // The reader's thread. As GInputStream's read: 0 is the end, -1 an error. Waits, for the
    // socket's timeout at most, if `blocking`.
    gssize read(std::span<std::uint8_t> out, bool blocking, GCancellable* cancellable,
                GError** error);
    // Whether there is something to read that the socket does not know of.
    [[nodiscard]] bool pending() const {
        return !outbox_.empty() || (conversation_ && conversation_->has_answers());
    }
    [[nodiscard]] bool readable() const;
    // A source that is ready when there is something to read; a new reference.
    [[nodiscard]] GSource* create_source() const;

    // Threads that write. As GOutputStream's write, with or without `blocking`.
    gssize write(std::span<const std::uint8_t> bytes, bool blocking, GCancellable* cancellable,
                 GError** error);
    [[nodiscard]] GOutputStream* out() const { return out_.get(); }
    // Before the connection is closed.
    void close();

  private:
    // For rtspsrc: a frame, or text.
    struct Item {
        std::vector<std::uint8_t> bytes;
        std::shared_ptr<Feed> feed; // of RTP
        bool sample = false;
    };
    // Packets of one access unit that lie one behind the other, and go to their payloader.
    struct Run {
        Feed* feed = nullptr;
        std::uint32_t timestamp = 0;
        std::span<std::uint8_t> frames;
    };
    // Keeps the descriptor of a GCancellable, which GLib makes anew for each wait otherwise.
    class CancelDescriptor {
      public:
        CancelDescriptor() = default;
        CancelDescriptor(const CancelDescriptor&) = delete;
        CancelDescriptor& operator=(const CancelDescriptor&) = delete;
        ~CancelDescriptor() { set(nullptr); }
        void set(GCancellable* cancellable);
        [[nodiscard]] int get() const { return poll_.fd; }

      private:
        Ref<GCancellable> cancellable_;
        GPollFD poll_{-1, 0, 0};
    };

    Tap(GSocket* socket, Ref<GOutputStream> out, Ref<GInputStream> in)
        : socket_(Ref<GSocket>::share(socket)), out_(std::move(out)), in_(std::move(in)),
          descriptor_(g_socket_get_fd(socket)) {}

    gssize receive(std::span<std::uint8_t> into, bool blocking, GCancellable* cancellable,
                   GError** error);
    gssize receive_decrypted(std::span<std::uint8_t> into, bool blocking, GCancellable* cancellable,
                             GError** error);
    [[nodiscard]] bool wait(GCancellable* cancellable, GError** error);
    gssize give(std::span<std::uint8_t> out);
    void make_room(std::size_t wanted);
    [[nodiscard]] bool split();
    void take_text(std::span<const std::uint8_t> bytes, bool ends);
    void hand_out(const Conversation::Messages& messages);
    void take_frame(std::uint8_t channel, std::span<std::uint8_t> frame, std::uint64_t now);
    void take_packet(std::uint8_t channel, std::span<std::uint8_t> frame,
                     const Lane::Packet& packet, std::uint64_t now);
    void keep(std::uint8_t channel, std::span<const std::uint8_t> data, const Lane::Packet& packet,
              std::uint64_t now);
    void take_kept(std::uint8_t channel, Feed::Kept&& kept, std::uint64_t now);
    void extend_run(Feed& feed, std::span<std::uint8_t> frame);
    void end_run();
    void push_feeds();

    const Ref<GSocket> socket_;
    const Ref<GOutputStream> out_;
    const Ref<GInputStream> in_; // null: the socket
    const int descriptor_;
    std::atomic<bool> touched_{false}; // it was read from or written to
    // Made before the first request, by the thread that sends it; does not change after that.
    std::shared_ptr<Conversation> conversation_;
    // The reader's thread from here on.
    CancelDescriptor cancel_;
    std::shared_ptr<Ledger> ledger_; // of whoever claimed it
    bool drained_ = false;           // the last recv took all there was
    bool broken_ = false;
    InterleavedSplitter splitter_;
    std::string message_; // what has come of it
    Chunk chunk_;
    std::size_t begin_ = 0, end_ = 0; // of what was read and is not split yet
    BurstEstimate bursts_;
    std::deque<Item> outbox_;
    std::size_t given_ = 0;                        // of its first item
    std::array<std::shared_ptr<Feed>, 256> feeds_; // by channel
    Run run_;
    std::vector<Feed*> filled_; // have a list to push
};

} // namespace rtspproxy::backend
