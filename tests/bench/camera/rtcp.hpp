// RTCP packets of the bench camera (RFC 3550 §6), and what it reads from receivers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace rtspproxy::bench {

struct SenderReport {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;
    std::uint32_t rtp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
};

// A compound packet: SR, SDES with a CNAME, and a BYE if `leaving`.
[[nodiscard]] std::vector<std::uint8_t> make_sender_report(const SenderReport& report,
                                                           bool leaving);

// One block of a receiver (or sender) report.
struct ReceptionReport {
    std::uint32_t ssrc = 0;
    double fraction_lost = 0;
    std::int32_t packets_lost = 0;
};
void read_reception_reports(std::span<const std::uint8_t> compound,
                            const std::function<void(const ReceptionReport&)>& on_report);

} // namespace rtspproxy::bench
