#include "tests/bench/camera/video_track.hpp"

#include "tests/bench/common/base64.hpp"
#include "tests/bench/common/frame_mark.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <utility>

namespace rtspproxy::bench {
namespace {

// The H.264 NAL unit types in use here, as H.265 names them (Rec. ITU-T H.265 table 7-1).
std::uint8_t h265_type(unsigned h264_type) {
    switch (h264_type) {
    case 5:
        return 19; // IDR_W_RADL
    case 6:
        return 39; // PREFIX_SEI
    case 7:
        return 33; // SPS
    case 8:
        return 34; // PPS
    default:
        return 1; // TRAIL_R
    }
}

// Headers only: the payload stays H.264, so nothing decodes it, but it is carried as H.265 is.
Nal as_h265(Nal nal) {
    const std::uint8_t type = h265_type(nal[0] & 0x1FU);
    nal[0] = static_cast<std::uint8_t>(type << 1U);
    nal.insert(nal.begin() + 1, 1);
    return nal;
}

// Syntactically a VPS NAL unit.
Nal video_parameters() {
    return {32U << 1U, 1, 0x0C, 0x01, 0xFF, 0xFF, 0x01, 0x60};
}

} // namespace

VideoTrack::VideoTrack(UdpSender& udp, const VideoSettings& settings, Nanoseconds start,
                       std::uint64_t seed)
    : fanout_(udp), settings_(settings), encoder_(settings.format),
      clock_(start, settings.format.frame_rate), impairment_(seed) {
    rtp_.payload_type = settings.payload_type;
    change_source();
}

void VideoTrack::change(const VideoSettings& settings) {
    settings_ = settings;
    encoder_ = PictureEncoder(settings.format);
    rtp_.payload_type = settings.payload_type;
    position_ = 0;
}

void VideoTrack::change_source() {
    std::random_device random;
    rtp_.ssrc = random();
    rtp_.next_sequence = static_cast<std::uint16_t>(random());
    timestamp_base_ = random();
}

std::size_t VideoTrack::next_size(bool key) {
    const double frame_rate = settings_.format.frame_rate;
    const double weights = settings_.group - 1 + settings_.key_ratio;
    const double unit = settings_.bit_rate / 8 * settings_.group / frame_rate / weights;
    owed_ += key ? unit * settings_.key_ratio : unit;
    return static_cast<std::size_t>(std::max(owed_, 0.0));
}

void VideoTrack::append_nal(Nal nal, bool last) {
    if (settings_.codec == Codec::H265)
        nal = as_h265(std::move(nal));
    packetize(rtp_, batch_, settings_.codec, nal, last, settings_.mtu);
}

void VideoTrack::build_unit(bool key) {
    constexpr std::uint8_t kSupplementalInformation = 6;
    batch_.clear();
    const std::size_t size = next_size(key);
    Nal mark = make_mark({monotonic_now(), units_});
    mark.insert(mark.begin(), kSupplementalInformation);
    append_nal(std::move(mark), false);
    if (key) {
        if (settings_.codec == Codec::H265)
            packetize(rtp_, batch_, settings_.codec, video_parameters(), false, settings_.mtu);
        append_nal(encoder_.sequence_parameters(), false);
        append_nal(encoder_.picture_parameters(), false);
    }
    const std::size_t before = batch_.bytes().size();
    // Each packet of a fragment has 14 bytes of headers.
    const std::size_t left = size > before ? size - before : 0;
    const std::size_t room = left - left * (kRtpHeader + 2) / settings_.mtu;
    append_nal(key ? encoder_.key_picture(room) : encoder_.difference_picture(room), true);
    owed_ -= static_cast<double>(batch_.bytes().size());
}

void VideoTrack::send_due(bool stalled) {
    rtp_.timestamp = timestamp_base_ + clock_.media_time(kClockRate);
    if (!stalled) {
        const bool key = position_ == 0;
        if (fanout_.players() > 0) {
            build_unit(key);
            fanout_.send(batch_, impairment_.active() ? &impairment_.apply(batch_) : nullptr, key);
        }
        ++units_;
        position_ = (position_ + 1) % settings_.group;
    }
    clock_.advance(monotonic_now());
}

SenderReport VideoTrack::sender_report(Nanoseconds now, Nanoseconds skew) const {
    return {rtp_.ssrc, to_ntp(read_clock(CLOCK_REALTIME) + skew),
            timestamp_base_ + clock_.media_time_at(now, kClockRate), rtp_.packets, rtp_.octets};
}

std::string VideoTrack::rtp_info() const {
    return "seq=" + std::to_string(rtp_.next_sequence) +
           ";rtptime=" + std::to_string(timestamp_base_ + clock_.media_time(kClockRate));
}

std::string VideoTrack::description() const {
    const std::string type = std::to_string(settings_.payload_type);
    const Nal& sequence = encoder_.sequence_parameters();
    const Nal& picture = encoder_.picture_parameters();
    std::string lines = "a=rtpmap:" + type;
    if (settings_.codec == Codec::H264) {
        std::array<char, 8> level{};
        std::snprintf(level.data(), level.size(), "%02X%02X%02X",
                      static_cast<unsigned>(sequence[1]), static_cast<unsigned>(sequence[2]),
                      static_cast<unsigned>(sequence[3]));
        lines += " H264/90000\r\na=fmtp:" + type +
                 " packetization-mode=1;profile-level-id=" + level.data() +
                 ";sprop-parameter-sets=" + base64(sequence) + "," + base64(picture);
    } else {
        lines += " H265/90000\r\na=fmtp:" + type + " sprop-vps=" + base64(video_parameters()) +
                 ";sprop-sps=" + base64(as_h265(sequence)) +
                 ";sprop-pps=" + base64(as_h265(picture));
    }
    return lines + "\r\na=framerate:" + std::to_string(settings_.format.frame_rate) + "\r\n";
}

} // namespace rtspproxy::bench
