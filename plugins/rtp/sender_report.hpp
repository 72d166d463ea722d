// Sender reports (RFC 3550 §6.4.1): how RTP timestamps of a stream map to wall-clock time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::rtp {

// What a sender report says of time. NTP time is in units of 2^-32 s since 1900.
struct SenderReport {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;
    std::uint32_t rtp = 0;
    bool operator==(const SenderReport&) const = default;

    // RFC 3550 §6.4.1: a sender without a clock says 0.
    [[nodiscard]] bool tells_time() const { return ntp != 0; }
};

// That both mean the same moment; and the rate of the RTP clock, in Hz.
struct ClockMapping {
    std::uint64_t ntp = 0;
    std::uint32_t rtp = 0;
    std::uint32_t clock_rate = 0;
    bool operator==(const ClockMapping&) const = default;

    // NTP time of another RTP timestamp, up to half the timestamps' range away. clock_rate is not
    // 0.
    [[nodiscard]] std::uint64_t ntp_of(std::uint32_t timestamp) const;
};

// `compound`: an RTCP packet as it was received, several packets behind one another. What is behind
// something malformed is not looked at.

// The first sender report.
[[nodiscard]] std::optional<SenderReport>
find_sender_report(std::span<const std::uint8_t> compound);

// Whether the source leaves (RFC 3550 §6.6).
[[nodiscard]] bool says_goodbye(std::span<const std::uint8_t> compound, std::uint32_t ssrc);

// What is reported of source `from` is said of `to` instead.
void rename_reported(std::span<std::uint8_t> compound, std::uint32_t from, std::uint32_t to);

// A sender report with nothing but what it says of time.
[[nodiscard]] std::array<std::uint8_t, 28> make_sender_report(const SenderReport& report);

// Gives the sender reports the NTP times that their RTP times have by this clock.
void set_ntp_times(std::span<std::uint8_t> compound, const ClockMapping& clock);

// What was sent of a stream since it began: packets, and octets of their payloads.
struct SentCounts {
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
};
// Gives the sender reports these counts.
void set_sent_counts(std::span<std::uint8_t> compound, const SentCounts& counts);

// Makes sender reports into receiver reports, which have the same reception reports and say nothing
// of time. Returns the new size; what remains is a valid compound packet if it was one.
[[nodiscard]] std::size_t withdraw_sender_reports(std::span<std::uint8_t> compound);

} // namespace rtspproxy::rtp
