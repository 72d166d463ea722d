#include "tests/support/rtp_source_packet.hpp"

namespace rtspproxy::tests {

namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& bytes, std::uint64_t value, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
}

// RFC 8285: the one-byte form on every first packet of four, the two-byte form on every second.
bool put_extension(Bytes& bytes, std::uint64_t number) {
    if (number % 4 == 0) {
        put(bytes, 0xBEDE0001, 4);
        put(bytes, 0x12, 1); // id 1, 3 bytes
        put(bytes, number, 3);
        return true;
    }
    if (number % 4 == 1) {
        put(bytes, 0x10000002, 4);
        put(bytes, 0x0205, 2); // id 2, 5 bytes, one byte of padding
        put(bytes, number, 5);
        put(bytes, 0, 1);
        return true;
    }
    return false;
}

void put_payload(Bytes& bytes, std::uint64_t number) {
    put(bytes, number, 8);
    const std::uint64_t size = number * 37 % 1100;
    for (std::uint64_t index = 0; index < size; ++index)
        bytes.push_back(static_cast<std::uint8_t>(number * 31 + index * 7));
}

} // namespace

std::vector<std::uint8_t> make_packet(const PacketShape& shape, std::uint64_t number) {
    const bool marker = number % shape.burst == shape.burst - 1;
    const std::uint64_t csrcs = shape.plain ? 0 : number % 3;
    const bool padded = !shape.plain && number % 5 == 0;
    Bytes bytes;
    bytes.push_back(static_cast<std::uint8_t>(0x80U | (padded ? 0x20U : 0U) | csrcs));
    bytes.push_back(static_cast<std::uint8_t>((marker ? 0x80U : 0U) | shape.payload_type));
    put(bytes, shape.first_sequence + number, 2);
    put(bytes, shape.first_timestamp + number / shape.burst * shape.timestamp_step, 4);
    put(bytes, shape.ssrc, 4);
    for (std::uint64_t index = 0; index < csrcs; ++index)
        put(bytes, 0xC5AC0000 + number + index, 4);
    if (!shape.plain && put_extension(bytes, number))
        bytes[0] |= 0x10U;
    put_payload(bytes, number);
    if (padded)
        put(bytes, 0x00000004, 4);
    return bytes;
}

} // namespace rtspproxy::tests
