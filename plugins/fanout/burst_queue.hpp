// BurstQueue<Packet>: what one destination is sent until it has caught up with the live stream: the
// packets that it begins with, then those that were rendered meanwhile, each once.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <span>
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

    // These come first. What was, or will be, rendered up to the last one of them is in them.
    void begin_with(std::vector<Item> items) {
        if (items.empty())
            return;
        begins_through_ = items.back().sequence;
        std::erase_if(rendered_, [this](const Item& item) { return begun_with(item.sequence); });
        past_beginning_ = !rendered_.empty();
        collected_ = 0;
        for (const Item& item : rendered_)
            collected_ += item.size;
        first_.assign(std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
    }

    // One more was rendered. False if more than `max_bytes` of such are waiting: the queue is given
    // up then, and is empty.
    bool collect(const Item& item, std::size_t max_bytes) {
        if (begun_with(item.sequence))
            return true;
        if (collected_ + item.size > max_bytes) {
            give_up();
            return false;
        }
        past_beginning_ = true;
        collected_ += item.size;
        rendered_.push_back(item);
        return true;
    }

    // Whether a packet with this number is one that the destination began with.
    [[nodiscard]] bool begun_with(std::uint16_t sequence) const {
        return begins_through_ && rtp::sequence_distance(*begins_through_, sequence) <= 0;
    }
    [[nodiscard]] bool empty() const { return first_.empty() && rendered_.empty(); }
    // Whether the next packet to be rendered may follow directly. Not so while it may still be one
    // that the destination began with: what it began with may be ahead of what is rendered.
    [[nodiscard]] bool caught_up() const {
        return empty() && (!begins_through_ || past_beginning_);
    }

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
    void give_up() {
        first_.clear();
        rendered_.clear();
        collected_ = 0;
        begins_through_.reset();
    }

    std::deque<Item> first_;
    std::deque<Item> rendered_;
    std::size_t collected_ = 0; // bytes in rendered_
    std::optional<std::uint16_t> begins_through_;
    bool past_beginning_ = false; // something behind it was rendered
};

} // namespace rtspproxy::fanout
