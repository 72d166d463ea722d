#include "tests/bench/camera/audio_track.hpp"

#include <algorithm>
#include <random>

namespace rtspproxy::bench {
namespace {

constexpr double kPacketsPerSecond = 50;
constexpr std::size_t kSamples = 160;
constexpr std::uint8_t kSilence = 0xFF;

} // namespace

AudioTrack::AudioTrack(UdpSender& udp, Nanoseconds start)
    : fanout_(udp), clock_(start, kPacketsPerSecond) {
    rtp_.payload_type = 0;
    change_source();
}

void AudioTrack::change_source() {
    std::random_device random;
    rtp_.ssrc = random();
    rtp_.next_sequence = static_cast<std::uint16_t>(random());
    timestamp_base_ = random();
}

void AudioTrack::send_due(bool stalled) {
    rtp_.timestamp = timestamp_base_ + clock_.media_time(kClockRate);
    if (!stalled && fanout_.players() > 0) {
        batch_.clear();
        const auto payload = write_rtp_header(rtp_, batch_.append(kRtpHeader + kSamples), false);
        std::ranges::fill(payload, kSilence);
        fanout_.send(batch_, nullptr, true);
    }
    clock_.advance(monotonic_now());
}

SenderReport AudioTrack::sender_report(Nanoseconds now, Nanoseconds skew) const {
    return {rtp_.ssrc, to_ntp(read_clock(CLOCK_REALTIME) + skew),
            timestamp_base_ + clock_.media_time_at(now, kClockRate), rtp_.packets, rtp_.octets};
}

std::string AudioTrack::rtp_info() const {
    return "seq=" + std::to_string(rtp_.next_sequence) +
           ";rtptime=" + std::to_string(timestamp_base_ + clock_.media_time(kClockRate));
}

} // namespace rtspproxy::bench
