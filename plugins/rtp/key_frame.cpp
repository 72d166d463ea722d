#include "plugins/rtp/key_frame.hpp"

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace rtspproxy::rtp {
namespace {

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

// RFC 6184 §5.2: 1–23 single NAL unit, 24 STAP-A, 25 STAP-B, 28 FU-A, 29 FU-B.
bool is_key_h264(unsigned type) {
    return type == 5 || type == 7; // IDR slice, sequence parameter set
}

bool starts_key_frame_h264(std::span<const std::uint8_t> payload) {
    if (payload.empty())
        return false;
    const unsigned type = payload[0] & 0x1fU;
    if (type == 28 || type == 29)
        return payload.size() >= 2 && (payload[1] & 0x80U) != 0 && is_key_h264(payload[1] & 0x1fU);
    if (type != 24 && type != 25)
        return is_key_h264(type);
    std::size_t at = type == 24 ? 1 : 3; // STAP-B carries a decoding order number first
    while (at + 2 < payload.size()) {
        const std::size_t size = read_u16(payload, at);
        if (size > 0 && is_key_h264(payload[at + 2] & 0x1fU))
            return true;
        at += 2 + size;
    }
    return false;
}

// RFC 7798 §4.4: 48 aggregation packet, 49 fragmentation unit.
bool is_key_h265(unsigned type) {
    return (type >= 16 && type <= 21) || (type >= 32 && type <= 34); // IRAP slices, VPS, SPS, PPS
}

bool starts_key_frame_h265(std::span<const std::uint8_t> payload) {
    if (payload.size() < 3)
        return false;
    const auto type_at = [&](std::size_t at) { return (payload[at] >> 1) & 0x3fU; };
    const unsigned type = type_at(0);
    if (type == 49)
        return (payload[2] & 0x80U) != 0 && is_key_h265(payload[2] & 0x3fU);
    if (type != 48)
        return is_key_h265(type);
    std::size_t at = 2;
    while (at + 2 < payload.size()) {
        const std::size_t size = read_u16(payload, at);
        if (size > 0 && is_key_h265(type_at(at + 2)))
            return true;
        at += 2 + size;
    }
    return false;
}

} // namespace

Codec codec_of(std::string_view media, std::string_view encoding_name) {
    if (equals_ignoring_case(encoding_name, "H264"))
        return Codec::H264;
    if (equals_ignoring_case(encoding_name, "H265"))
        return Codec::H265;
    if (media == "audio" || equals_ignoring_case(encoding_name, "JPEG"))
        return Codec::EveryFrame;
    return Codec::Unknown;
}

bool marker_ends_access_unit(std::string_view media, std::string_view encoding_name) {
    static constexpr std::array<std::string_view, 11> kNames{
        "H264", "H265",    "H266",      "JPEG",      "VP8",          "VP9",
        "AV1",  "MP4V-ES", "H263-1998", "H263-2000", "MPEG4-GENERIC"};
    if (equals_ignoring_case(encoding_name, "MPEG4-GENERIC") && media != "video")
        return false; // each packet is complete: nothing to wait for
    return std::ranges::any_of(
        kNames, [&](std::string_view name) { return equals_ignoring_case(name, encoding_name); });
}

bool starts_key_frame(Codec codec, std::span<const std::uint8_t> payload) {
    switch (codec) {
    case Codec::H264:
        return starts_key_frame_h264(payload);
    case Codec::H265:
        return starts_key_frame_h265(payload);
    case Codec::EveryFrame:
        return true;
    case Codec::Unknown:
        break;
    }
    return false;
}

} // namespace rtspproxy::rtp
