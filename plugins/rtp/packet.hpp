// PacketView: the fixed header of one RTP packet (RFC 3550 §5.1), read in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace rtspproxy::rtp {

inline constexpr std::size_t kFixedHeaderSize = 12;

[[nodiscard]] inline std::uint16_t read_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
[[nodiscard]] inline std::uint32_t read_u32(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint32_t>(read_u16(bytes, at)) << 16 | read_u16(bytes, at + 2);
}
inline void write_u16(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}
inline void write_u32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
    write_u16(bytes, at, static_cast<std::uint16_t>(value >> 16));
    write_u16(bytes, at + 2, static_cast<std::uint16_t>(value));
}

class PacketView {
  public:
    // Nothing if `bytes` cannot be an RTP packet: too short for its own header, or not version 2.
    [[nodiscard]] static std::optional<PacketView> parse(std::span<const std::uint8_t> bytes) {
        if (bytes.size() < kFixedHeaderSize || bytes[0] >> 6 != 2)
            return std::nullopt;
        std::size_t header = kFixedHeaderSize + std::size_t{4} * (bytes[0] & 0x0fU);
        if ((bytes[0] & 0x10U) != 0) { // header extension, RFC 3550 §5.3.1
            if (bytes.size() < header + 4)
                return std::nullopt;
            header += 4 + std::size_t{4} * read_u16(bytes, header + 2);
        }
        if (bytes.size() < header)
            return std::nullopt;
        return PacketView(bytes, header);
    }

    [[nodiscard]] bool marker() const { return (bytes_[1] & 0x80U) != 0; }
    [[nodiscard]] std::uint8_t payload_type() const { return bytes_[1] & 0x7fU; }
    [[nodiscard]] std::uint16_t sequence() const { return read_u16(bytes_, 2); }
    [[nodiscard]] std::uint32_t timestamp() const { return read_u32(bytes_, 4); }
    [[nodiscard]] std::uint32_t ssrc() const { return read_u32(bytes_, 8); }
    // Padding included: nothing here needs it told apart.
    [[nodiscard]] std::span<const std::uint8_t> payload() const { return bytes_.subspan(header_); }

  private:
    PacketView(std::span<const std::uint8_t> bytes, std::size_t header)
        : bytes_(bytes), header_(header) {}

    std::span<const std::uint8_t> bytes_;
    std::size_t header_;
};

// How far sequence numbers may skip, and how late packets may come, before a source is taken to
// have begun to count afresh (RFC 3550 A.1: MAX_DROPOUT, MAX_MISORDER).
inline constexpr std::int16_t kMaxDropout = 3000;
inline constexpr std::int16_t kMaxMisorder = 100;

// Signed distance from `from` to `to` on the circle of sequence numbers (RFC 1982).
[[nodiscard]] inline std::int16_t sequence_distance(std::uint16_t from, std::uint16_t to) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}
[[nodiscard]] inline std::int32_t timestamp_distance(std::uint32_t from, std::uint32_t to) {
    return static_cast<std::int32_t>(to - from);
}

} // namespace rtspproxy::rtp
