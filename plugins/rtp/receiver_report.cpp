#include "plugins/rtp/receiver_report.hpp"

#include "plugins/rtp/packet.hpp"

namespace rtspproxy::rtp {
namespace {

constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kDescription = 202;
constexpr std::uint8_t kGoodbye = 203;
constexpr std::uint8_t kApplication = 204;
constexpr std::uint8_t kTransportFeedback = 205;
constexpr std::uint8_t kPayloadFeedback = 206;

constexpr std::size_t kHeader = 4;
constexpr std::size_t kSource = 4; // an SSRC
constexpr std::size_t kSenderInfo = 20;
constexpr std::size_t kBlock = 24;

// One packet of a compound, with its header and without what follows it.
struct Packet {
    std::span<const std::uint8_t> bytes;

    [[nodiscard]] std::uint8_t type() const { return bytes[1]; }
    [[nodiscard]] std::size_t count() const { return bytes[0] & 0x1fU; }
    [[nodiscard]] bool padded() const { return (bytes[0] & 0x20U) != 0; }
    [[nodiscard]] bool is_report() const {
        return type() == kSenderReport || type() == kReceiverReport;
    }
    // Where the blocks of a report begin.
    [[nodiscard]] std::size_t blocks() const {
        return kHeader + kSource + (type() == kSenderReport ? kSenderInfo : 0);
    }
};

// The packet at the beginning; nothing if its header is not valid, or there is less than it says.
std::optional<Packet> first_packet(std::span<const std::uint8_t> compound) {
    if (compound.size() < kHeader || compound[0] >> 6 != 2)
        return std::nullopt;
    const std::size_t size = (std::size_t{read_u16(compound, 2)} + 1) * 4;
    if (size > compound.size())
        return std::nullopt;
    return Packet{compound.first(size)};
}

// The least that a packet's own fields need, without padding.
std::size_t least_size(const Packet& packet) {
    switch (packet.type()) {
    case kSenderReport:
    case kReceiverReport:
        return packet.blocks() + packet.count() * kBlock;
    case kDescription: // an SSRC and a word of items for each
        return kHeader + packet.count() * (kSource + 4);
    case kGoodbye:
        return kHeader + packet.count() * kSource;
    case kApplication: // its name
    case kTransportFeedback:
    case kPayloadFeedback: // the source that it is about
        return kHeader + kSource + 4;
    default:
        return kHeader;
    }
}

// Takes the padding away. False if it is not valid.
bool strip_padding(Packet& packet) {
    if (!packet.padded())
        return true;
    const std::size_t padding = packet.bytes.back();
    if (padding == 0 || padding % 4 != 0 || padding + kHeader > packet.bytes.size())
        return false;
    packet.bytes = packet.bytes.first(packet.bytes.size() - padding);
    return true;
}

ReportBlock read_block(std::span<const std::uint8_t> block) {
    const std::uint32_t loss = read_u32(block, 4);
    ReportBlock read;
    read.fraction_lost = static_cast<std::uint8_t>(loss >> 24);
    // 24 bits with a sign.
    read.lost = static_cast<std::int32_t>(loss << 8) / 256;
    read.highest = read_u32(block, 8);
    read.jitter = read_u32(block, 12);
    read.last_report = read_u32(block, 16);
    read.since_last_report = read_u32(block, 20);
    return read;
}

void look_for_block(const Packet& packet, std::uint32_t ssrc, std::optional<ReportBlock>& found) {
    for (std::size_t i = 0; i < packet.count(); ++i) {
        const auto block = packet.bytes.subspan(packet.blocks() + i * kBlock, kBlock);
        if (read_u32(block, 0) == ssrc)
            found = read_block(block);
    }
}

} // namespace

std::optional<ReceiverReport> read_receiver_report(std::span<const std::uint8_t> compound,
                                                   std::uint32_t ssrc) {
    ReceiverReport report;
    bool first = true;
    do {
        auto packet = first_packet(compound);
        if (!packet)
            return std::nullopt;
        compound = compound.subspan(packet->bytes.size());
        if (packet->padded() && (first || !compound.empty()))
            return std::nullopt;
        if ((first && !packet->is_report()) || !strip_padding(*packet) ||
            packet->bytes.size() < least_size(*packet))
            return std::nullopt;
        if (first)
            report.reporter = read_u32(packet->bytes, kHeader);
        if (packet->is_report())
            look_for_block(*packet, ssrc, report.block);
        first = false;
    } while (!compound.empty());
    return report;
}

} // namespace rtspproxy::rtp
