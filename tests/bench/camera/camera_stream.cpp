#include "tests/bench/camera/camera_stream.hpp"

#include <random>

namespace rtspproxy::bench {

CameraStream::CameraStream(Loop& loop, UdpSender& udp, const StreamSettings& settings,
                           Nanoseconds start, std::uint64_t seed)
    : loop_(loop), settings_(settings), video_(udp, settings.video, start, seed),
      audio_(udp, start), session_(std::random_device()()) {
    schedule_video();
    schedule_audio();
    loop_.every(settings.report_interval, [this] {
        if (!stalled_)
            send_reports(false);
    });
}

void CameraStream::schedule_video() {
    loop_.at(video_.due(), [this] {
        video_.send_due(stalled_);
        schedule_video();
    });
}

void CameraStream::schedule_audio() {
    loop_.at(audio_.due(), [this] {
        audio_.send_due(stalled_ || !settings_.audio);
        schedule_audio();
    });
}

void CameraStream::change(const StreamSettings& settings) {
    settings_ = settings;
    video_.change(settings.video);
    ++version_;
}

void CameraStream::change_source() {
    video_.change_source();
    audio_.change_source();
}

void CameraStream::send_reports(bool leaving) {
    const Nanoseconds now = monotonic_now();
    const auto send = [&](auto& track) {
        if (track.fanout().players() > 0)
            track.fanout().send_control(
                make_sender_report(track.sender_report(now, settings_.clock_skew), leaving));
    };
    send(video_);
    if (settings_.audio)
        send(audio_);
}

void CameraStream::on_reception_report(const ReceptionReport& report) {
    ++reception_reports_;
    last_report_ = report;
}

std::vector<Fanout*> CameraStream::tracks() {
    return {&video_.fanout(), &audio_.fanout()};
}

std::string CameraStream::rtp_info(std::size_t track) const {
    return track == 0 ? video_.rtp_info() : audio_.rtp_info();
}

std::string CameraStream::description() const {
    // Clients choose the family of their UDP ports by these addresses.
    const std::string origin = settings_.ipv6 ? " IN IP6 ::1" : " IN IP4 127.0.0.1";
    const std::string connection = settings_.ipv6 ? "IN IP6 ::" : "IN IP4 0.0.0.0";
    std::string text = "v=0\r\no=- " + std::to_string(session_) + " " + std::to_string(version_) +
                       origin + "\r\ns=bench-camera\r\nc=" + connection +
                       "\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\nm=video 0 RTP/AVP " +
                       std::to_string(settings_.video.payload_type) + "\r\n" +
                       video_.description() + "a=control:trackID=0\r\n";
    if (settings_.audio)
        text += "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:trackID=1\r\n";
    return text;
}

} // namespace rtspproxy::bench
