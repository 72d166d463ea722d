// Where a decoder can start: the key-frame test on RTP payloads, without depayloading.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rtspproxy::rtp {

// What is known of a payload format, as far as the relay needs it.
enum class Codec {
    Unknown,      // no key frames can be told apart
    H264,         // RFC 6184
    H265,         // RFC 7798
    H265Numbered, // the same with decoding order numbers: sprop-max-don-diff is above 0
    EveryFrame,   // each access unit decodes by itself: MJPEG, audio
};
// Whether some of the codec's access units are key frames, and can be told from the others.
[[nodiscard]] constexpr bool tells_key_frames(Codec codec) {
    return codec == Codec::H264 || codec == Codec::H265 || codec == Codec::H265Numbered;
}

// `encoding_name` as in a=rtpmap (any case), `media` as in m= ("video", "audio", "application").
[[nodiscard]] Codec codec_of(std::string_view media, std::string_view encoding_name);

// Whether the marker bit ends each access unit by the payload format's own rules.
[[nodiscard]] bool marker_ends_access_unit(std::string_view media, std::string_view encoding_name);

// Whether this packet belongs to the start of a key frame: a parameter set or the start of an
// IRAP/IDR slice, alone, aggregated, or as the first fragment. Unknown codecs: never.
[[nodiscard]] bool starts_key_frame(Codec codec, std::span<const std::uint8_t> payload);

// Whether there may be a part of a picture in this packet: false for parameter sets, delimiters and
// the like alone, which belong to the picture that follows.
[[nodiscard]] bool carries_picture(Codec codec, std::span<const std::uint8_t> payload);

} // namespace rtspproxy::rtp
