// What the test servers send, as launch lines: live, small, cheap to encode, never the same picture
// twice running.
#pragma once

#include <chrono>
#include <string>

namespace rtspproxy::tests {

// One track: a chain that ends in an element named pay<track>.
[[nodiscard]] std::string h264_track(int track);
[[nodiscard]] std::string h265_track(int track, int gop = 10);
[[nodiscard]] std::string mjpeg_track(int track);
[[nodiscard]] std::string vp8_track(int track);
[[nodiscard]] std::string mpegts_track(int track);
[[nodiscard]] std::string aac_track(int track);
[[nodiscard]] std::string opus_track(int track);
[[nodiscard]] std::string pcmu_track(int track);
// An encoding that nobody knows (x-private/90000), with CSRCs, header extensions and padding; see
// testrtpsrc. `language`: the track's a=lang; empty: none.
[[nodiscard]] std::string private_track(int track, const std::string& language = "");
// ONVIF metadata that begin after `silence`.
[[nodiscard]] std::string metadata_track(int track,
                                         std::chrono::seconds silence = std::chrono::hours(1));

// "( a b … )"
template <class... Tracks>
[[nodiscard]] std::string launch_line(const Tracks&... tracks) {
    std::string line = "(";
    ((line += " " + tracks), ...);
    return line + " )";
}

} // namespace rtspproxy::tests
