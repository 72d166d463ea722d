// RTCP of a back end, and of gst-rtsp-server: nothing beyond it is touched, and what is made of it
// is well-formed.
#include "plugins/rtp/sender_report.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <vector>

using namespace rtspproxy::rtp;

namespace {

// In memory of its own, so that the address sanitizer sees every byte touched beyond it.
using Bytes = std::vector<std::uint8_t>;

// Beginnings of the packets that are looked at, and where they end.
std::vector<std::size_t> boundaries(const Bytes& bytes) {
    std::vector<std::size_t> all{0};
    while (all.back() + 4 <= bytes.size() && bytes[all.back()] >> 6 == 2) {
        const auto* packet = &bytes[all.back()];
        const std::size_t size = (std::size_t{packet[2]} << 8 | packet[3]) * 4 + 4;
        if (all.back() + size > bytes.size())
            break;
        all.push_back(all.back() + size);
    }
    return all;
}

void check_times(const Bytes& bytes) {
    constexpr ClockMapping kClock{0x8000'0000'0000'0000, 0x1234'5678, 90'000};
    Bytes rewritten = bytes;
    set_ntp_times(rewritten, kClock);
    FUZZ_CHECK(boundaries(rewritten) == boundaries(bytes));
    const auto report = find_sender_report(bytes);
    const auto again = find_sender_report(rewritten);
    FUZZ_CHECK(report.has_value() == again.has_value());
    if (!report) {
        FUZZ_CHECK(rewritten == bytes);
        return;
    }
    FUZZ_CHECK(again->ssrc == report->ssrc && again->rtp == report->rtp);
    FUZZ_CHECK(again->ntp == kClock.ntp_of(report->rtp));
}

void check_withdrawal(const Bytes& bytes) {
    Bytes rest = bytes;
    const std::size_t size = withdraw_sender_reports(rest);
    FUZZ_CHECK(size <= bytes.size() && (bytes.size() - size) % 20 == 0);
    rest.resize(size);
    FUZZ_CHECK(!find_sender_report(rest));
    FUZZ_CHECK((size == bytes.size()) == !find_sender_report(bytes));
    // As many packets as before.
    FUZZ_CHECK(boundaries(rest).size() == boundaries(bytes).size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, data + size);
    check_times(bytes);
    check_withdrawal(bytes);
    if (says_goodbye(bytes, 0x01020304))
        FUZZ_CHECK(bytes.size() >= 8);
    return 0;
}
