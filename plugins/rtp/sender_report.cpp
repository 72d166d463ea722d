#include "plugins/rtp/sender_report.hpp"

#include "plugins/rtp/packet.hpp"

#include <algorithm>

namespace rtspproxy::rtp {
namespace {

constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kGoodbye = 203;
constexpr std::size_t kHeader = 8; // with the SSRC
constexpr std::size_t kSenderInfo = 20;
constexpr std::size_t kReceptionReport = 24;

// Size of the packet at the beginning, 0 if there is no well-formed one.
std::size_t packet_size(std::span<const std::uint8_t> compound) {
    if (compound.size() < 4 || compound[0] >> 6 != 2)
        return 0;
    const std::size_t size = (std::size_t{read_u16(compound, 2)} + 1) * 4;
    return size <= compound.size() ? size : 0;
}

bool is_sender_report(std::span<const std::uint8_t> packet) {
    const std::size_t reports = packet[0] & 0x1fU;
    return packet[1] == kSenderReport &&
           packet.size() >= kHeader + kSenderInfo + reports * kReceptionReport;
}

template <class Function>
void for_each_sender_report(std::span<std::uint8_t> compound, Function function) {
    while (const std::size_t size = packet_size(compound)) {
        const auto packet = compound.first(size);
        if (is_sender_report(packet))
            function(packet);
        compound = compound.subspan(size);
    }
}

std::uint64_t read_u64(std::span<const std::uint8_t> bytes, std::size_t at) {
    return std::uint64_t{read_u32(bytes, at)} << 32U | read_u32(bytes, at + 4);
}
void write_u64(std::span<std::uint8_t> bytes, std::size_t at, std::uint64_t value) {
    write_u32(bytes, at, static_cast<std::uint32_t>(value >> 32U));
    write_u32(bytes, at + 4, static_cast<std::uint32_t>(value));
}

} // namespace

std::uint64_t ClockMapping::ntp_of(std::uint32_t timestamp) const {
    const std::int64_t ticks = timestamp_distance(rtp, timestamp);
    const std::int64_t rate = clock_rate;
    // Whole seconds apart from the rest, so that nothing overflows.
    const std::int64_t seconds = ticks / rate;
    const std::int64_t fraction = ticks % rate * (std::int64_t{1} << 32) / rate;
    return ntp + (static_cast<std::uint64_t>(seconds) << 32U) +
           static_cast<std::uint64_t>(fraction);
}

std::optional<SenderReport> find_sender_report(std::span<const std::uint8_t> compound) {
    while (const std::size_t size = packet_size(compound)) {
        const auto packet = compound.first(size);
        if (is_sender_report(packet))
            return SenderReport{read_u32(packet, 4), read_u64(packet, 8), read_u32(packet, 16)};
        compound = compound.subspan(size);
    }
    return std::nullopt;
}

bool says_goodbye(std::span<const std::uint8_t> compound, std::uint32_t ssrc) {
    while (const std::size_t size = packet_size(compound)) {
        const auto packet = compound.first(size);
        const std::size_t sources = std::min<std::size_t>(packet[0] & 0x1fU, (size - 4) / 4);
        for (std::size_t i = 0; packet[1] == kGoodbye && i < sources; ++i)
            if (read_u32(packet, 4 + 4 * i) == ssrc)
                return true;
        compound = compound.subspan(size);
    }
    return false;
}

void rename_reported(std::span<std::uint8_t> compound, std::uint32_t from, std::uint32_t to) {
    while (const std::size_t size = packet_size(compound)) {
        const auto packet = compound.first(size);
        const bool of_sender = packet[1] == kSenderReport;
        const std::size_t reports =
            of_sender || packet[1] == kReceiverReport ? packet[0] & 0x1fU : 0;
        std::size_t at = kHeader + (of_sender ? kSenderInfo : 0);
        for (std::size_t i = 0; i < reports && at + kReceptionReport <= size; ++i) {
            if (read_u32(packet, at) == from)
                write_u32(packet, at, to);
            at += kReceptionReport;
        }
        compound = compound.subspan(size);
    }
}

std::array<std::uint8_t, 28> make_sender_report(const SenderReport& report) {
    std::array<std::uint8_t, 28> packet{0x80, kSenderReport};
    write_u16(packet, 2, packet.size() / 4 - 1);
    write_u32(packet, 4, report.ssrc);
    write_u64(packet, 8, report.ntp);
    write_u32(packet, 16, report.rtp);
    return packet;
}

void set_ntp_times(std::span<std::uint8_t> compound, const ClockMapping& clock) {
    for_each_sender_report(compound, [&clock](std::span<std::uint8_t> report) {
        write_u64(report, 8, clock.ntp_of(read_u32(report, 16)));
    });
}

void set_sent_counts(std::span<std::uint8_t> compound, const SentCounts& counts) {
    for_each_sender_report(compound, [&counts](std::span<std::uint8_t> report) {
        write_u32(report, 20, counts.packets);
        write_u32(report, 24, counts.octets);
    });
}

std::size_t withdraw_sender_reports(std::span<std::uint8_t> compound) {
    std::size_t size = compound.size();
    std::size_t at = 0;
    while (const std::size_t length = packet_size(compound.subspan(at, size - at))) {
        const auto packet = compound.subspan(at, length);
        at += length;
        if (!is_sender_report(packet))
            continue;
        packet[1] = kReceiverReport;
        write_u16(packet, 2, static_cast<std::uint16_t>((length - kSenderInfo) / 4 - 1));
        const auto rest = compound.first(size).subspan(at - length + kHeader + kSenderInfo);
        std::ranges::copy(rest, packet.begin() + kHeader);
        size -= kSenderInfo;
        at -= kSenderInfo;
    }
    return size;
}

} // namespace rtspproxy::rtp
