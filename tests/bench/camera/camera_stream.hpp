// CameraStream: one stream of the bench camera, H.264 (or what is named H.265) and G.711.
#pragma once

#include "tests/bench/camera/audio_track.hpp"
#include "tests/bench/camera/video_track.hpp"
#include "tests/bench/common/loop.hpp"
#include "tests/bench/server/mount.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rtspproxy::bench {

struct StreamSettings {
    VideoSettings video;
    bool audio = false;
    bool ipv6 = false;                         // of the description's addresses
    Nanoseconds report_interval = 5 * kSecond; // of RTCP sender reports
    Nanoseconds clock_skew = 0;                // of the NTP times in them
};

class CameraStream : public Mount {
  public:
    // Frames are due from `start` on.
    CameraStream(Loop& loop, UdpSender& udp, const StreamSettings& settings, Nanoseconds start,
                 std::uint64_t seed);

    [[nodiscard]] std::string description() const override;
    [[nodiscard]] std::vector<Fanout*> tracks() override;
    [[nodiscard]] std::string rtp_info(std::size_t track) const override;

    // Faults. A change of settings is in the next DESCRIBE and the next key picture at once.
    void change(const StreamSettings& settings);
    [[nodiscard]] const StreamSettings& settings() const { return settings_; }
    void set_stalled(bool stalled) { stalled_ = stalled; }
    void change_source();
    void send_reports(bool leaving);

    void on_reception_report(const ReceptionReport& report);
    [[nodiscard]] bool sends(std::uint32_t ssrc) const {
        return ssrc == video_.rtp().ssrc || ssrc == audio_.rtp().ssrc;
    }
    [[nodiscard]] std::uint64_t reception_reports() const { return reception_reports_; }
    [[nodiscard]] const ReceptionReport& last_report() const { return last_report_; }
    [[nodiscard]] VideoTrack& video() { return video_; }
    [[nodiscard]] AudioTrack& audio() { return audio_; }

  private:
    void schedule_video();
    void schedule_audio();

    Loop& loop_;
    StreamSettings settings_;
    VideoTrack video_;
    AudioTrack audio_;
    std::uint64_t session_ = 0;
    unsigned version_ = 1; // of the description
    bool stalled_ = false;
    std::uint64_t reception_reports_ = 0;
    ReceptionReport last_report_;
};

} // namespace rtspproxy::bench
