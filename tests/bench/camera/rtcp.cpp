#include "tests/bench/camera/rtcp.hpp"

#include "tests/bench/common/bytes.hpp"

#include <algorithm>
#include <string_view>

namespace rtspproxy::bench {
namespace {

constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kSourceDescription = 202;
constexpr std::uint8_t kBye = 203;

// `size` in bytes, a multiple of 4, header included.
std::span<std::uint8_t> append_header(std::vector<std::uint8_t>& bytes, std::size_t size,
                                      std::uint8_t count, std::uint8_t type) {
    const std::size_t at = bytes.size();
    bytes.resize(at + size);
    const auto packet = std::span(bytes).subspan(at);
    packet[0] = static_cast<std::uint8_t>(0x80U | count);
    packet[1] = type;
    write_u16(packet, 2, static_cast<std::uint16_t>(size / 4 - 1));
    return packet;
}

} // namespace

std::vector<std::uint8_t> make_sender_report(const SenderReport& report, bool leaving) {
    std::vector<std::uint8_t> bytes;
    const auto sender = append_header(bytes, 28, 0, kSenderReport);
    write_u32(sender, 4, report.ssrc);
    write_u32(sender, 8, static_cast<std::uint32_t>(report.ntp >> 32U));
    write_u32(sender, 12, static_cast<std::uint32_t>(report.ntp));
    write_u32(sender, 16, report.rtp);
    write_u32(sender, 20, report.packets);
    write_u32(sender, 24, report.octets);
    constexpr std::string_view kName = "bench-camera";
    // chunk: SSRC, item CNAME with its length, text, zero bytes to a multiple of 4
    const auto source = append_header(bytes, 4 + 4 + 2 + kName.size() + 2, 1, kSourceDescription);
    write_u32(source, 4, report.ssrc);
    source[8] = 1;
    source[9] = static_cast<std::uint8_t>(kName.size());
    std::copy(kName.begin(), kName.end(), source.begin() + 10);
    if (leaving) {
        const auto bye = append_header(bytes, 8, 1, kBye);
        write_u32(bye, 4, report.ssrc);
    }
    return bytes;
}

void read_reception_reports(std::span<const std::uint8_t> compound,
                            const std::function<void(const ReceptionReport&)>& on_report) {
    constexpr std::size_t kBlock = 24;
    while (compound.size() >= 8) {
        const std::size_t size =
            std::min(compound.size(), (std::size_t{read_u16(compound, 2)} + 1) * 4);
        const auto packet = compound.first(size);
        compound = compound.subspan(size);
        if (packet[1] != kReceiverReport && packet[1] != kSenderReport)
            continue;
        const std::size_t count = packet[0] & 0x1FU;
        std::size_t at = packet[1] == kSenderReport ? 28 : 8;
        for (std::size_t i = 0; i < count && at + kBlock <= packet.size(); ++i, at += kBlock) {
            ReceptionReport report;
            report.ssrc = read_u32(packet, at);
            report.fraction_lost = packet[at + 4] / 256.0;
            // 24 bits, signed
            report.packets_lost = static_cast<std::int32_t>(read_u32(packet, at + 4) << 8U) / 256;
            on_report(report);
        }
    }
}

} // namespace rtspproxy::bench
