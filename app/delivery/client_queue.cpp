#include "app/delivery/client_queue.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rtspproxy::delivery {
namespace {

// What sendmsg() is to be given.
struct Room {
    std::span<iovec> vector;
    std::span<ClientQueue::FrameHeader> headers;
    std::size_t filled = 0;
    std::size_t used = 0;

    // False if it is full.
    bool add(std::span<const std::uint8_t> bytes) {
        if (filled == vector.size())
            return false;
        vector[filled++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
        return true;
    }
    [[nodiscard]] bool has_room_for_frame() const {
        return filled + 2 <= vector.size() && used < headers.size();
    }
};

// The frames of a piece, from that many bytes on, each behind a header for the piece's channel.
// False if there was no room for all.
bool gather_frames(const Piece& piece, std::size_t offset, Room& room) {
    bool all = true;
    rtp::for_each_frame(piece.bytes, [&](std::span<const std::uint8_t> frame) {
        if (offset >= frame.size()) {
            offset -= frame.size();
            return;
        }
        all = all && room.has_room_for_frame();
        if (!all)
            return;
        if (offset < rtp::kFrameHeaderSize) {
            auto& header = room.headers[room.used++];
            std::memcpy(header.data(), frame.data(), header.size());
            header[1] = *piece.channel;
            room.add(std::span(header).subspan(offset));
            offset = rtp::kFrameHeaderSize;
        }
        room.add(frame.subspan(std::exchange(offset, 0)));
    });
    return all;
}

} // namespace

ClientQueue::Track& ClientQueue::track(unsigned number) {
    if (number >= tracks_.size())
        tracks_.resize(number + 1);
    return tracks_[number];
}

bool ClientQueue::pass(unsigned number, bool starts_picture_group) {
    if (!items_.empty())
        return false;
    Track& own = track(number);
    own.waits_for_key = own.waits_for_key && !starts_picture_group;
    return !own.waits_for_key;
}

void ClientQueue::push(Media media, std::size_t done) {
    Track& own = track(media.track);
    own.has_key_frames = media.has_key_frames;
    if (own.waits_for_key && !media.starts_picture_group) {
        own.discarded += media.packets;
        return;
    }
    own.waits_for_key = false;
    if (done == 0 && bytes_ + media.piece.bytes.size() > max_bytes_ + burst_bytes_) {
        discard_media();
        if (media.has_key_frames && !media.starts_picture_group) {
            track(media.track).discarded += media.packets;
            return;
        }
        track(media.track).waits_for_key = false;
    }
    append({Kind::Media, std::move(media.piece), media.track, media.packets});
    if (done > 0)
        consume(done);
}

void ClientQueue::push_burst(Media media) {
    Track& own = track(media.track);
    own.has_key_frames = media.has_key_frames;
    own.waits_for_key = false;
    burst_bytes_ += media.piece.bytes.size();
    append({Kind::Media, std::move(media.piece), media.track, media.packets});
}

void ClientQueue::push_rtcp(Piece piece) {
    append({Kind::Rtcp, std::move(piece)});
}

void ClientQueue::push_response(Piece piece, std::size_t done) {
    bytes_ += piece.bytes.size();
    response_bytes_ += piece.bytes.size();
    auto position = items_.begin();
    if (offset_ > 0)
        ++position;
    while (position != items_.end() && position->kind == Kind::Response)
        ++position;
    items_.insert(position, {Kind::Response, std::move(piece)});
    if (done > 0)
        consume(done);
}

void ClientQueue::append(Item item) {
    bytes_ += item.piece.bytes.size();
    items_.push_back(std::move(item));
}

std::size_t ClientQueue::gather(std::span<iovec> vector, std::span<FrameHeader> headers) const {
    Room room{vector, headers};
    std::size_t offset = offset_;
    for (const Item& item : items_) {
        const bool all = item.piece.channel ? gather_frames(item.piece, offset, room)
                                            : room.add(item.piece.bytes.subspan(offset));
        if (!all)
            break;
        offset = 0;
    }
    return room.filled;
}

void ClientQueue::consume(std::size_t bytes) {
    bytes_ -= bytes;
    offset_ += bytes;
    while (!items_.empty() && offset_ >= items_.front().piece.bytes.size()) {
        const std::size_t size = items_.front().piece.bytes.size();
        offset_ -= size;
        if (items_.front().kind == Kind::Response)
            response_bytes_ -= size;
        items_.pop_front();
    }
    if (items_.empty())
        burst_bytes_ = 0;
}

// Too much is waiting: what comes next is newer, and a key frame makes the rest worthless.
void ClientQueue::discard_media() {
    erase_waiting([](const Item& item) { return item.kind == Kind::Media; });
    for (Track& each : tracks_)
        each.waits_for_key = each.has_key_frames;
    burst_bytes_ = 0;
}

void ClientQueue::forget(unsigned number) {
    erase_waiting(
        [number](const Item& item) { return item.kind == Kind::Media && item.track == number; });
    track(number).waits_for_key = false;
}

template <class Predicate>
void ClientQueue::erase_waiting(Predicate predicate) {
    const auto begun = items_.begin() + (offset_ > 0 ? 1 : 0);
    const auto kept = std::remove_if(begun, items_.end(), [&](const Item& item) {
        if (!predicate(item))
            return false;
        bytes_ -= item.piece.bytes.size();
        track(item.track).discarded += item.packets;
        return true;
    });
    items_.erase(kept, items_.end());
}

std::uint64_t ClientQueue::take_discarded(unsigned number) {
    return std::exchange(track(number).discarded, 0);
}

} // namespace rtspproxy::delivery
