// Lane: which packets of a back-end track rtspsrc's session gets to see, and as what. Pure: no
// GStreamer.
//
// All packets go to the payloader beside rtspsrc. Its session gets samples: the first few, then one
// in 256, and one a second. They are of one source and one payload type, whatever the back end goes
// over to, and numbered without gaps: so it makes one pad a track, goes on to send receiver
// reports, and does not take the source for gone. Of losses it sees as large a share as there was.
#pragma once

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::backend {

// rtspsrc's own test: some back ends mix the channels up.
[[nodiscard]] inline bool is_rtcp(std::span<const std::uint8_t> data) {
    return data.size() < 2 || (data[1] >= 200 && data[1] <= 204);
}

class Lane {
  public:
    static constexpr unsigned kSampleEvery = 256;
    static constexpr std::uint64_t kSampleAtLeastEvery = 1'000'000'000; // nanoseconds
    // rtpsession believes in a source when some of its packets have come in a row.
    static constexpr unsigned kFirst = 4;

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
        // Into the header of another one.
        void write(std::span<std::uint8_t> header) const {
            header[1] = static_cast<std::uint8_t>((header[1] & 0x80U) | payload_type);
            rtp::write_u16(header, 2, sequence);
            rtp::write_u32(header, 8, ssrc);
        }
    };

    // The payload type of the samples: one that rtspsrc knows. Before the first packet.
    void set_payload_type(std::uint8_t payload_type) { payload_type_ = payload_type; }

    // What the next packet is to rtspsrc; nothing: it does not see it. `now`: monotonic
    // nanoseconds.
    [[nodiscard]] std::optional<Packet> sample(const Packet& packet, std::uint64_t now) {
        ++since_sample_;
        if (!started_)
            begin(packet);
        else if (samples_ >= kFirst && since_sample_ < kSampleEvery &&
                 now - last_sample_ < kSampleAtLeastEvery)
            return std::nullopt;
        const std::uint64_t skipped = std::min<std::uint64_t>(lost_ / since_sample_, 1000);
        lost_ -= skipped * since_sample_;
        next_ = static_cast<std::uint16_t>(next_ + skipped);
        samples_ += samples_ < kFirst ? 1 : 0;
        since_sample_ = 0;
        last_sample_ = now;
        return Packet{ssrc_, next_++, *payload_type_};
    }

    // So many packets of the source were lost.
    void lost(std::uint64_t packets) { lost_ += packets; }

  private:
    void begin(const Packet& packet) {
        started_ = true;
        ssrc_ = packet.ssrc;
        next_ = packet.sequence;
        if (!payload_type_)
            payload_type_ = packet.payload_type;
        lost_ = 0;
    }

    bool started_ = false;
    std::uint32_t ssrc_ = 0;
    std::optional<std::uint8_t> payload_type_;
    std::uint16_t next_ = 0;
    unsigned samples_ = 0; // at most kFirst
    unsigned since_sample_ = 0;
    std::uint64_t last_sample_ = 0;
    std::uint64_t lost_ = 0;
};

} // namespace rtspproxy::backend
