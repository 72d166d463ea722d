// BurstQueue<Packet>: what one destination is sent until it has caught up with the live stream: the
// packets that it begins with, then those that were rendered meanwhile, each once.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace rtspproxy::fanout {

template <class Packet>
struct QueuedPacket {
    Packet packet;
    std::uint16_t sequence = 0;
    std::size_t size = 0;
};

template <class Packet>
class BurstQueue {
  public:
    using Item = QueuedPacket<Packet>;

    // These come first, then what is rendered from `next` on, or behind the last one of them: what
    // was, or will be, rendered before that is not sent. Once the queue was given up no effect if
    // something between them and what follows is lost.
    void begin_with(std::vector<Item> items, std::optional<std::uint16_t> next = std::nullopt) {
        if (items.empty() && !next)
            return;
        const auto last = next ? static_cast<std::uint16_t>(*next - 1) : items.back().sequence;
        if (gave_up_ && rtp::sequence_distance(lost_through_, last) < 0) {
            dropped_ += items.size();
            return;
        }
        gave_up_ = false;
        drop_rendered_through(last);
        begins_through_.reset();
        if (rendered_.empty())
            begins_through_ = last;
        first_.assign(std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
    }

    // One more was rendered. False if more than `max_bytes` of such are waiting: the queue is given
    // up then, empty, and stays so unless it is told of another beginning: one with a hole in it
    // is of no use.
    bool collect(const Item& item, std::size_t max_bytes) {
        if (begun_with(item.sequence))
            return true;
        begins_through_.reset(); // before its number comes again
        if (gave_up_ || collected_ + item.size > max_bytes) {
            give_up(item);
            return false;
        }
        collected_ += item.size;
        rendered_.push_back(item);
        return true;
    }

    // Whether a packet with this number is one that the destination began with: only as long as
    // none behind those was rendered.
    [[nodiscard]] bool begun_with(std::uint16_t sequence) const {
        return begins_through_ && rtp::sequence_distance(*begins_through_, sequence) <= 0;
    }
    [[nodiscard]] bool empty() const { return first_.empty() && rendered_.empty(); }
    [[nodiscard]] std::size_t size() const { return first_.size() + rendered_.size(); }
    [[nodiscard]] bool gave_up() const { return gave_up_; }
    // How many packets were not kept because the queue was given up.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    // Whether the next packet to be rendered may follow directly. Not so while it may still be one
    // that the destination began with: what it began with may be ahead of what is rendered.
    [[nodiscard]] bool caught_up() const { return empty() && !begins_through_; }

    // Moves packets of up to `bytes` bytes to `out`, but at least one, if there are any; returns
    // their size.
    std::size_t take(std::size_t bytes, std::vector<Packet>& out) {
        std::size_t taken = 0;
        while (!empty()) {
            auto& from = first_.empty() ? rendered_ : first_;
            Item& item = from.front();
            if (taken != 0 && taken + item.size > bytes)
                break;
            taken += item.size;
            if (&from == &rendered_)
                collected_ -= item.size;
            out.push_back(std::move(item.packet));
            from.pop_front();
        }
        return taken;
    }

  private:
    void give_up(const Item& item) {
        dropped_ += size() + 1;
        first_.clear();
        rendered_.clear();
        collected_ = 0;
        gave_up_ = true;
        lost_through_ = item.sequence;
    }
    // There may be more than half of all numbers: only the last one that has this number counts.
    void drop_rendered_through(std::uint16_t sequence) {
        auto end =
            std::ranges::find(rendered_.rbegin(), rendered_.rend(), sequence, &Item::sequence);
        if (end == rendered_.rend())
            end = std::find_if(rendered_.rbegin(), rendered_.rend(), [&](const Item& item) {
                return rtp::sequence_distance(sequence, item.sequence) <= 0;
            });
        rendered_.erase(rendered_.begin(), end.base());
        collected_ = 0;
        for (const Item& item : rendered_)
            collected_ += item.size;
    }

    std::deque<Item> first_;
    std::deque<Item> rendered_;
    std::size_t collected_ = 0; // bytes in rendered_
    std::optional<std::uint16_t> begins_through_;
    bool gave_up_ = false;
    std::uint16_t lost_through_ = 0; // the last one that was not kept, if it gave up
    std::uint64_t dropped_ = 0;
};

} // namespace rtspproxy::fanout
