#include "app/delivery/access_unit.hpp"

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <cstring>

namespace rtspproxy::delivery {

namespace {

constexpr std::size_t kMaxPacket = 0xffff;

} // namespace

AccessUnit::AccessUnit(std::size_t packets, std::size_t bytes, std::uint8_t channel)
    : capacity_(bytes + packets * kFrameHeaderSize), channel_(channel),
      data_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity_)) {}

bool AccessUnit::add(std::span<const std::uint8_t> packet) {
    const auto view = rtp::PacketView::parse(packet);
    if (!view || packet.size() > kMaxPacket || size_ + kFrameHeaderSize + packet.size() > capacity_)
        return false;
    std::uint8_t* frame = data_.get() + size_;
    frame[0] = '$';
    frame[1] = channel_;
    frame[2] = static_cast<std::uint8_t>(packet.size() >> 8);
    frame[3] = static_cast<std::uint8_t>(packet.size());
    std::memcpy(frame + kFrameHeaderSize, packet.data(), packet.size());
    last_sequence_ = view->sequence();
    if (packets_ == 0) {
        first_sequence_ = last_sequence_;
        timestamp_ = view->timestamp();
    }
    ++packets_;
    payload_bytes_ += view->payload().size();
    size_ += kFrameHeaderSize + packet.size();
    return true;
}

void AccessUnit::mark(bool starts_picture_group, std::uint64_t arrival) {
    starts_picture_group_ = starts_picture_group;
    arrival_ = arrival;
}

std::span<const std::uint8_t> AccessUnit::framed(std::uint8_t channel) const {
    if (channel == channel_)
        return {data_.get(), size_};
    const std::lock_guard lock(mutex_);
    const auto found =
        std::ranges::find(other_channels_, channel, &decltype(other_channels_)::value_type::first);
    if (found != other_channels_.end())
        return {found->second.get(), size_};
    auto copy = std::make_unique_for_overwrite<std::uint8_t[]>(size_);
    std::memcpy(copy.get(), data_.get(), size_);
    for (std::size_t at = 0; at < size_; at += kFrameHeaderSize + frame_length(at))
        copy[at + 1] = channel;
    return {other_channels_.emplace_back(channel, std::move(copy)).second.get(), size_};
}

} // namespace rtspproxy::delivery
