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

// A unit of the bitstream, or the fragment of one.
struct Unit {
    unsigned type;
    bool begins; // not a later fragment
};

// Whether there is a unit in the aggregation packet that the function says yes to. The first unit's
// size is at `at`; `step` bytes precede each later size.
template <class TypeOf, class Function>
bool any_aggregated(std::span<const std::uint8_t> payload, std::size_t at, std::size_t step,
                    TypeOf type_of, Function function) {
    while (at + 2 < payload.size()) {
        const std::size_t size = read_u16(payload, at);
        if (size > 0 && function(Unit{type_of(payload[at + 2]), true}))
            return true;
        at += 2 + size + step;
    }
    return false;
}

// RFC 6184 §5.2: 1–23 single NAL unit, 24 STAP-A, 25 STAP-B, 28 FU-A, 29 FU-B.
template <class Function>
bool any_unit_h264(std::span<const std::uint8_t> payload, Function function) {
    if (payload.empty())
        return false;
    const auto type_of = [](std::uint8_t header) { return header & 0x1fU; };
    const unsigned type = type_of(payload[0]);
    if (type == 28 || type == 29)
        return payload.size() >= 2 &&
               function(Unit{type_of(payload[1]), (payload[1] & 0x80U) != 0});
    if (type == 24 || type == 25) // STAP-B carries a decoding order number first
        return any_aggregated(payload, type == 24 ? 1 : 3, 0, type_of, function);
    return function(Unit{type, true});
}

bool is_key_h264(unsigned type) {
    return type == 5 || type == 7; // IDR slice, sequence parameter set
}

// 6–18: what is said of pictures. Types that are not known may be anything.
bool is_picture_h264(unsigned type) {
    return type < 6 || type > 18;
}

// RFC 7798 §4.4: 48 aggregation packet, 49 fragmentation unit. `numbered`: a decoding order number
// of two bytes precedes the first aggregated unit, a difference of one byte each later one
// (§4.4.2).
template <class Function>
bool any_unit_h265(std::span<const std::uint8_t> payload, bool numbered, Function function) {
    if (payload.size() < 3)
        return false;
    const auto type_of = [](std::uint8_t header) { return (header >> 1) & 0x3fU; };
    const unsigned type = type_of(payload[0]);
    if (type == 49)
        return function(Unit{payload[2] & 0x3fU, (payload[2] & 0x80U) != 0});
    if (type == 48)
        return any_aggregated(payload, numbered ? 4 : 2, numbered ? 1 : 0, type_of, function);
    return function(Unit{type, true});
}

bool is_key_h265(unsigned type) {
    return (type >= 16 && type <= 21) || (type >= 32 && type <= 34); // IRAP slices, VPS, SPS, PPS
}

// 32–47: what is said of pictures.
bool is_picture_h265(unsigned type) {
    return type < 32 || type > 47;
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
        return any_unit_h264(payload,
                             [](Unit unit) { return unit.begins && is_key_h264(unit.type); });
    case Codec::H265:
    case Codec::H265Numbered:
        return any_unit_h265(payload, codec == Codec::H265Numbered,
                             [](Unit unit) { return unit.begins && is_key_h265(unit.type); });
    case Codec::EveryFrame:
        return true;
    case Codec::Unknown:
        break;
    }
    return false;
}

bool carries_picture(Codec codec, std::span<const std::uint8_t> payload) {
    switch (codec) {
    case Codec::H264:
        return any_unit_h264(payload, [](Unit unit) { return is_picture_h264(unit.type); });
    case Codec::H265:
    case Codec::H265Numbered:
        return any_unit_h265(payload, codec == Codec::H265Numbered,
                             [](Unit unit) { return is_picture_h265(unit.type); });
    case Codec::EveryFrame:
    case Codec::Unknown:
        break;
    }
    return true;
}

} // namespace rtspproxy::rtp
