#include "tests/bench/swarm/nal_inspector.hpp"

#include "tests/bench/common/bytes.hpp"

namespace rtspproxy::bench {
namespace {

void inspect_nal(VideoFormat format, std::span<const std::uint8_t> nal, PayloadContent& content) {
    const bool is_h264 = format == VideoFormat::H264;
    const unsigned type = is_h264 ? nal[0] & 0x1FU : nal[0] >> 1U & 0x3FU;
    const std::size_t header = is_h264 ? 1 : 2;
    if (is_h264 ? type == 5 || type == 7 || type == 8
                : (type >= 16 && type <= 21) || (type >= 32 && type <= 34))
        content.key = true;
    if (type == (is_h264 ? 6U : 39U) && nal.size() > header)
        content.mark = find_mark(nal.subspan(header));
}

// STAP-A and AP: NAL units, each after its size in two bytes.
void inspect_aggregate(VideoFormat format, std::span<const std::uint8_t> units,
                       PayloadContent& content) {
    while (units.size() > 4) {
        const std::size_t size = read_u16(units, 0);
        if (size < 2 || units.size() < 2 + size)
            return;
        inspect_nal(format, units.subspan(2, size), content);
        units = units.subspan(2 + size);
    }
}

} // namespace

PayloadContent inspect_payload(VideoFormat format, std::span<const std::uint8_t> payload) {
    constexpr unsigned kStartBit = 0x80;
    PayloadContent content;
    if (payload.size() < 4)
        return content;
    if (format == VideoFormat::H264) {
        const unsigned type = payload[0] & 0x1FU;
        if (type == 28) // FU-A
            content.key = (payload[1] & kStartBit) != 0 && (payload[1] & 0x1FU) == 5;
        else if (type == 24) // STAP-A
            inspect_aggregate(format, payload.subspan(1), content);
        else
            inspect_nal(format, payload, content);
    } else if (format == VideoFormat::H265) {
        const unsigned type = payload[0] >> 1U & 0x3FU;
        const unsigned fragment = payload[2] & 0x3FU;
        if (type == 49) // FU
            content.key = (payload[2] & kStartBit) != 0 && fragment >= 16 && fragment <= 21;
        else if (type == 48) // AP
            inspect_aggregate(format, payload.subspan(2), content);
        else
            inspect_nal(format, payload, content);
    }
    return content;
}

} // namespace rtspproxy::bench
