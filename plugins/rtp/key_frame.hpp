// Where a decoder can start: the key-frame test on RTP payloads, without depayloading.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rtspproxy::rtp {

// What is known of a payload format, as far as the relay needs it.
enum class Codec {
    Unknown,    // no key frames can be told apart
    H264,       // RFC 6184
    H265,       // RFC 7798
    EveryFrame, // each access unit decodes by itself: MJPEG, audio
};

// `encoding_name` as in a=rtpmap (any case), `media` as in m= ("video", "audio", "application").
[[nodiscard]] Codec codec_of(std::string_view media, std::string_view encoding_name);

// Whether the marker bit ends each access unit by the payload format's own rules.
[[nodiscard]] bool marker_ends_access_unit(std::string_view media, std::string_view encoding_name);

// Whether this packet belongs to the start of a key frame: a parameter set or the start of an
// IRAP/IDR slice, alone, aggregated, or as the first fragment. Unknown codecs: never.
[[nodiscard]] bool starts_key_frame(Codec codec, std::span<const std::uint8_t> payload);

} // namespace rtspproxy::rtp
