// RTCP of a player: nothing beyond it is touched, and what is read is what stands there.
#include "plugins/rtp/packet.hpp"
#include "plugins/rtp/receiver_report.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <vector>

using namespace rtspproxy::rtp;

namespace {

// In memory of its own, so that the address sanitizer sees every byte touched beyond it.
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kStream = 0x11223344;

Bytes bytes_of(const ReportBlock& block) {
    Bytes bytes(24);
    write_u32(bytes, 0, kStream);
    write_u32(bytes, 4,
              std::uint32_t{block.fraction_lost} << 24 |
                  (static_cast<std::uint32_t>(block.lost) & 0xff'ffffU));
    write_u32(bytes, 8, block.highest);
    write_u32(bytes, 12, block.jitter);
    write_u32(bytes, 16, block.last_report);
    write_u32(bytes, 20, block.since_last_report);
    return bytes;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, data + size);
    const auto report = read_receiver_report(bytes, kStream);
    if (!report)
        return 0;
    FUZZ_CHECK(size % 4 == 0 && size >= 8);
    FUZZ_CHECK(report->reporter == read_u32(bytes, 4));
    if (report->block) {
        const Bytes block = bytes_of(*report->block);
        FUZZ_CHECK(std::search(bytes.begin(), bytes.end(), block.begin(), block.end()) !=
                   bytes.end());
    }
    const Bytes shorter(bytes.begin(), bytes.end() - 1);
    FUZZ_CHECK(!read_receiver_report(shorter, kStream));
    // Two valid ones make a valid one, unless the first is padded.
    Bytes twice = bytes;
    twice.insert(twice.end(), bytes.begin(), bytes.end());
    const auto again = read_receiver_report(twice, kStream);
    FUZZ_CHECK(!again || again->block == report->block);
    return 0;
}
