// ClientQueue: what one client over TCP gets next. Decides only; others move the bytes.
//
// A client that reads too slowly loses whole access units, down to the next key frame, never a part
// of one and never RTCP. Responses overtake media that has not begun to leave.
#pragma once

#include "app/delivery/access_unit.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <sys/uio.h>

namespace rtspproxy::delivery {

// Not thread-safe: its owner has the lock.
class ClientQueue {
  public:
    // More media than `max_bytes` is not kept waiting. What a client is sent as it joins does not
    // count.
    explicit ClientQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    struct Media {
        Piece piece;
        unsigned track = 0;          // small numbers, one for each track
        bool has_key_frames = false; // of the track: whether it waits for one after a loss
        bool starts_picture_group = false;
        std::size_t packets = 0;
    };

    // Whether media of this track may leave at once, without push(): nothing is waiting, and the
    // track is not waiting for a key frame, or this is one.
    [[nodiscard]] bool pass(unsigned track, bool starts_picture_group);
    // At the end of the queue, if the track may go on with it and there is room. `done`: so many
    // bytes of it have left already.
    void push(Media media, std::size_t done = 0);
    // The same, without a limit: what a client begins with.
    void push_burst(Media media);
    void push_rtcp(Piece piece);
    // Ahead of everything that has not begun to leave, behind earlier responses.
    void push_response(Piece piece, std::size_t done = 0);

    [[nodiscard]] bool empty() const { return items_.empty(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t response_bytes() const { return response_bytes_; }

    // Points `vector` at what leaves next; returns how many entries were filled. `headers` is room
    // for the headers of frames that leave by a channel of their own: such a frame takes one of
    // them, and two entries.
    using FrameHeader = std::array<std::uint8_t, rtp::kFrameHeaderSize>;
    [[nodiscard]] std::size_t gather(std::span<iovec> vector, std::span<FrameHeader> headers) const;
    // What leaves next, whole; the queue must not be empty.
    [[nodiscard]] const Piece& front() const { return items_.front().piece; }
    // So many bytes of what leaves next have left.
    void consume(std::size_t bytes);

    // Packets of the track that were discarded since this was last asked.
    [[nodiscard]] std::uint64_t take_discarded(unsigned track);
    // Forgets what is waiting of a track that the client does not play any more, but for what has
    // begun to leave.
    void forget(unsigned track);

  private:
    enum class Kind { Media, Rtcp, Response };
    struct Item {
        Kind kind;
        Piece piece;
        unsigned track = 0;
        std::size_t packets = 0;
    };
    struct Track {
        bool waits_for_key = false;
        bool has_key_frames = false;
        std::uint64_t discarded = 0;
    };

    [[nodiscard]] Track& track(unsigned number);
    void append(Item item);
    void discard_media();
    template <class Predicate>
    void erase_waiting(Predicate predicate);

    const std::size_t max_bytes_;
    std::size_t burst_bytes_ = 0; // allowed on top, until the queue has run empty
    std::deque<Item> items_;
    std::size_t offset_ = 0; // bytes of the first item that have left
    std::size_t bytes_ = 0;
    std::size_t response_bytes_ = 0;
    std::vector<Track> tracks_;
};

} // namespace rtspproxy::delivery
