// Lane: decides for each RTP packet of one back-end track whether it goes to the payloader directly
// or through rtspsrc, and under which sequence number. Pure: no GStreamer.
//
// Until rtspsrc has made a pad for the source, everything goes through it. From then on packets of
// that source go directly, and rtspsrc's session gets a sample of them (one in 256, and one a
// second), numbered without gaps of its own: so it goes on to send receiver reports, and does not
// take the source for gone. Of losses it sees as large a share as there was.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace rtspproxy::backend {

class Lane {
  public:
    static constexpr unsigned kSampleEvery = 256;
    static constexpr std::uint64_t kSampleAtLeastEvery = 1'000'000'000; // nanoseconds

    // What of a packet's header the way depends on.
    struct Packet {
        std::uint32_t ssrc = 0;
        std::uint16_t sequence = 0;
        std::uint8_t payload_type = 0;

        // `header`: of RTP, the fixed part at least.
        static Packet read(std::span<const std::uint8_t> header) {
            return {rtp::read_u32(header, 8), rtp::read_u16(header, 2),
                    static_cast<std::uint8_t>(header[1] & 0x7fU)};
        }
    };
    struct Step {
        bool direct = false;
        bool through = false;               // direct too: rtspsrc must not pass it on
        bool renumbered = false;            // direct_sequence is not the packet's own
        std::uint16_t direct_sequence = 0;  // with which it goes to the payloader
        std::uint16_t through_sequence = 0; // with which it goes to rtspsrc
    };

    // Whether the track is another source's: a stray, or what the camera goes over to.
    [[nodiscard]] bool is_foreign(std::uint32_t ssrc) const {
        return established_ && ssrc != ssrc_;
    }
    // Of the next packet. `now`: monotonic nanoseconds.
    [[nodiscard]] Step next(const Packet& packet, std::uint64_t now) {
        if (is_foreign(packet.ssrc))
            return pass_foreign(packet);
        if (!established_ || packet.ssrc != through_ssrc_ || packet.payload_type != payload_type_)
            return pass_through(packet);
        Step step;
        step.direct = true;
        step.renumbered = offset_ != 0;
        step.direct_sequence = static_cast<std::uint16_t>(packet.sequence + offset_);
        if (++since_sample_ >= kSampleEvery || now - last_sample_ >= kSampleAtLeastEvery) {
            step.through = true;
            step.through_sequence = sample(now);
        }
        return step;
    }

    // rtspsrc has made a pad for what it got last, and it is linked to the payloader.
    void establish(std::uint32_t ssrc, std::uint8_t payload_type) {
        if (const auto source = std::exchange(foreign_, std::nullopt);
            source && source->ssrc == ssrc) {
            through_ssrc_ = ssrc;
            next_through_ = source->next;
            offset_ = 0;
        }
        established_ = true;
        own_numbers_ = true;
        ssrc_ = ssrc;
        payload_type_ = payload_type;
        since_sample_ = 0;
    }

    // So many packets of the source were lost.
    void lost(std::uint64_t packets) { lost_ += packets; }

  private:
    // As it is, while the session knows the source by its own numbers; else with the next of ours.
    [[nodiscard]] Step pass_through(const Packet& packet) {
        if (!started_ || packet.ssrc != through_ssrc_) {
            started_ = true;
            through_ssrc_ = packet.ssrc;
            own_numbers_ = false;
            offset_ = 0;
            next_through_ = packet.sequence;
        }
        if (own_numbers_)
            offset_ = static_cast<std::uint16_t>(next_through_ - packet.sequence);
        Step step;
        step.through = true;
        step.through_sequence = static_cast<std::uint16_t>(packet.sequence + offset_);
        if (rtp::sequence_distance(next_through_, step.through_sequence) >= 0)
            next_through_ = static_cast<std::uint16_t>(step.through_sequence + 1);
        return step;
    }

    // As it is, and nothing of it is kept for the track.
    [[nodiscard]] Step pass_foreign(const Packet& packet) {
        const auto next = static_cast<std::uint16_t>(packet.sequence + 1);
        if (!foreign_ || foreign_->ssrc != packet.ssrc ||
            rtp::sequence_distance(foreign_->next, next) > 0)
            foreign_ = {packet.ssrc, next};
        Step step;
        step.through = true;
        step.through_sequence = packet.sequence;
        return step;
    }

    [[nodiscard]] std::uint16_t sample(std::uint64_t now) {
        const std::uint64_t skipped = std::min<std::uint64_t>(lost_ / since_sample_, 1000);
        lost_ -= skipped * since_sample_;
        next_through_ = static_cast<std::uint16_t>(next_through_ + skipped);
        since_sample_ = 0;
        last_sample_ = now;
        return next_through_++;
    }

    bool established_ = false;
    std::uint32_t ssrc_ = 0;
    std::uint8_t payload_type_ = 0;
    // What was sent through rtspsrc last: its source, and the number that comes next.
    bool started_ = false;
    bool own_numbers_ = false;
    std::uint32_t through_ssrc_ = 0;
    std::uint16_t next_through_ = 0;
    std::uint16_t offset_ = 0; // from the source's numbers to those that the payloader has seen
    struct Foreign {
        std::uint32_t ssrc;
        std::uint16_t next; // number
    };
    std::optional<Foreign> foreign_; // the source that came last and is not the track's
    unsigned since_sample_ = 0;
    std::uint64_t last_sample_ = 0;
    std::uint64_t lost_ = 0;
};

} // namespace rtspproxy::backend
