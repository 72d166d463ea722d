#include "app/delivery/access_unit.hpp"

#include <cstring>
#include <utility>

namespace rtspproxy::delivery {

AccessUnit::AccessUnit(std::size_t packets, std::size_t bytes, std::uint8_t channel)
    : capacity_(bytes + packets * rtp::kFrameHeaderSize), channel_(channel),
      own_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity_)),
      keeper_(nullptr, [](void*) {}), data_(own_.get()) {}

AccessUnit::AccessUnit(std::span<std::uint8_t> frames, std::uint8_t channel, Keeper keeper)
    : capacity_(frames.size()), channel_(channel), keeper_(std::move(keeper)), data_(frames.data()),
      size_(frames.size()) {
    rtp::for_each_frame(frames, [this](std::span<std::uint8_t> frame) {
        frame[1] = channel_;
        const auto bytes = frame.subspan(rtp::kFrameHeaderSize);
        if (const auto packet = rtp::PacketView::parse(bytes))
            account(bytes, *packet);
    });
}

bool AccessUnit::add(std::span<const std::uint8_t> packet) {
    const auto view = rtp::PacketView::parse(packet);
    const std::size_t size = rtp::kFrameHeaderSize + packet.size();
    if (!view || packet.size() > rtp::kMaxFramed || size_ + size > capacity_)
        return false;
    const auto frame = std::span(data_, capacity_).subspan(size_, size);
    rtp::write_frame_header(frame, channel_, packet.size());
    // Not std::ranges::copy(): GCC 12 makes a loop over bytes of it.
    std::memcpy(frame.data() + rtp::kFrameHeaderSize, packet.data(), packet.size());
    size_ += size;
    account(frame.subspan(rtp::kFrameHeaderSize), *view);
    return true;
}

void AccessUnit::account(std::span<const std::uint8_t> bytes, const rtp::PacketView& packet) {
    last_packet_ = static_cast<std::size_t>(bytes.data() - data_);
    last_sequence_ = packet.sequence();
    if (packets_ == 0) {
        first_sequence_ = last_sequence_;
        timestamp_ = packet.timestamp();
    }
    ++packets_;
    payload_bytes_ += packet.payload().size();
}

void AccessUnit::mark(bool starts_picture_group, bool has_picture, std::uint64_t arrival) {
    starts_picture_group_ = starts_picture_group;
    has_picture_ = has_picture;
    arrival_ = arrival;
}

} // namespace rtspproxy::delivery
