// What a receiver says of a stream in its RTCP (RFC 3550 §6.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::rtp {

// Of one sender's packets, since the reception began unless marked.
struct ReportBlock {
    std::uint8_t fraction_lost = 0;      // in 256ths, since the block before
    std::int32_t lost = 0;               // negative: more duplicates than losses
    std::uint32_t highest = 0;           // sequence number, extended by the count of its cycles
    std::uint32_t jitter = 0;            // in ticks of the RTP clock
    std::uint32_t last_report = 0;       // middle 32 bits of the NTP time of the last sender report
    std::uint32_t since_last_report = 0; // in 65536ths of a second; 0 if there was none
    bool operator==(const ReportBlock&) const = default;
};

struct ReceiverReport {
    std::uint32_t reporter = 0;       // SSRC
    std::optional<ReportBlock> block; // if it says something of the stream that was asked for
    bool operator==(const ReceiverReport&) const = default;
};

// `compound`: an RTCP packet as it was received, several packets behind one another: sender and
// receiver reports, descriptions, goodbyes, feedback, others. Nothing unless the whole of it is
// valid: the first is a report, each has version 2 and the length that its contents need, only the
// last is padded, and they fill the packet to its last byte (RFC 3550 §6.1, appendix A.2). If there
// are several blocks about `ssrc`, the last counts.
[[nodiscard]] std::optional<ReceiverReport>
read_receiver_report(std::span<const std::uint8_t> compound, std::uint32_t ssrc);

} // namespace rtspproxy::rtp
