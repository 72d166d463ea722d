#include "tests/support/rtp_record.hpp"

#include <algorithm>
#include <functional>
#include <sstream>
#include <string_view>

namespace rtspproxy::tests {

namespace {

constexpr std::size_t kHeaderSize = 12;

std::uint32_t read_u32(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at]) << 24U |
           static_cast<std::uint32_t>(bytes[at + 1]) << 16U |
           static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
}

std::uint16_t read_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// The packet with what a relay may change set to zero.
std::uint64_t hash_of_invariant(std::span<const std::uint8_t> packet) {
    std::vector<std::uint8_t> copy(packet.begin(), packet.end());
    std::fill(copy.begin() + 2, copy.begin() + kHeaderSize, std::uint8_t{0});
    return hash_of(copy);
}

// Where `received[0]` is followed in `sent` by what follows it in `received`, as far as it goes.
struct Match {
    std::size_t start = 0;
    std::size_t length = 0;
};

bool same_step(const std::vector<RtpRecord>& sent, const std::vector<RtpRecord>& received,
               std::size_t start, std::size_t index) {
    const RtpRecord& from = sent[start + index];
    const RtpRecord& to = received[index];
    const auto same_shift = [&](auto member) {
        using Number = std::decay_t<decltype(to.*member)>;
        return static_cast<Number>(to.*member - received[0].*member) ==
               static_cast<Number>(from.*member - sent[start].*member);
    };
    return from.hash == to.hash && to.ssrc == received[0].ssrc &&
           same_shift(&RtpRecord::sequence) && same_shift(&RtpRecord::timestamp);
}

Match best_match(const std::vector<RtpRecord>& sent, const std::vector<RtpRecord>& received) {
    Match best;
    for (std::size_t start = 0; start < sent.size(); ++start) {
        std::size_t length = 0;
        while (length < received.size() && start + length < sent.size() &&
               same_step(sent, received, start, length))
            ++length;
        if (length > best.length)
            best = {start, length};
    }
    return best;
}

} // namespace

std::optional<RtpRecord> parse_rtp(std::span<const std::uint8_t> packet) {
    if (packet.size() < kHeaderSize || packet[0] >> 6U != 2)
        return std::nullopt;
    RtpRecord record;
    record.marker = (packet[1] & 0x80U) != 0;
    record.payload_type = packet[1] & 0x7FU;
    record.sequence = read_u16(packet, 2);
    record.timestamp = read_u32(packet, 4);
    record.ssrc = read_u32(packet, 8);
    std::size_t at = kHeaderSize;
    const std::size_t csrcs = packet[0] & 0x0FU;
    if (packet.size() < at + csrcs * 4)
        return std::nullopt;
    for (std::size_t index = 0; index < csrcs; ++index, at += 4)
        record.csrcs.push_back(read_u32(packet, at));
    if ((packet[0] & 0x10U) != 0) {
        if (packet.size() < at + 4)
            return std::nullopt;
        const std::size_t size = 4 + std::size_t{read_u16(packet, at + 2)} * 4;
        if (packet.size() < at + size)
            return std::nullopt;
        const auto bytes = packet.subspan(at, size);
        record.extension.assign(bytes.begin(), bytes.end());
        at += size;
    }
    record.payload_size = packet.size() - at;
    record.payload_hash = hash_of(packet.subspan(at));
    record.hash = hash_of_invariant(packet);
    return record;
}

std::string to_string(const RtpRecord& record) {
    std::ostringstream text;
    text << "pt " << int{record.payload_type} << ", seq " << record.sequence << ", timestamp "
         << record.timestamp << (record.marker ? ", marker" : "") << ", ssrc " << std::hex
         << record.ssrc << std::dec << ", " << record.csrcs.size() << " CSRCs, extension of "
         << record.extension.size() << " bytes, payload of " << record.payload_size
         << " bytes with hash " << std::hex << record.payload_hash;
    return text.str();
}

std::optional<std::string> find_difference(const std::vector<RtpRecord>& sent,
                                           const std::vector<RtpRecord>& received) {
    if (received.empty())
        return "nothing was received";
    const Match match = best_match(sent, received);
    if (match.length == received.size())
        return std::nullopt;
    std::ostringstream text;
    text << "of " << received.size() << " packets received, the first " << match.length
         << " are a run of the " << sent.size() << " sent";
    const auto show = [&text](const char* what, const std::vector<RtpRecord>& packets,
                              std::size_t index) {
        text << "\n  " << what << ' '
             << (index < packets.size() ? to_string(packets[index]) : "(no more)");
    };
    if (match.length > 0)
        show("last alike, sent:    ", sent, match.start + match.length - 1);
    if (match.length > 0)
        show("last alike, received:", received, match.length - 1);
    show("then was sent:       ", sent, match.start + match.length);
    show("then was received:   ", received, match.length);
    return text.str();
}

void PacketLog::add(std::span<const std::uint8_t> packet) {
    if (const auto record = parse_rtp(packet))
        packets_.lock()->push_back(*record);
}

std::vector<RtpRecord> PacketLog::packets() {
    return *packets_.lock();
}
std::size_t PacketLog::count() {
    return packets_.lock()->size();
}

} // namespace rtspproxy::tests
