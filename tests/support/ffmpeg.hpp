// ffprobe and ffmpeg as clients.
#pragma once

#include "plugins/support/result.hpp"
#include "tests/support/deadline.hpp"

#include <map>
#include <string>
#include <vector>

namespace rtspproxy::tests {

// What ffprobe says of each stream: "codec_name", "codec_type", "width", "sample_rate", …
// `transport`: "tcp", "udp", "http", "udp_multicast".
[[nodiscard]] Result<std::vector<std::map<std::string, std::string>>>
ffprobe_streams(const std::string& url, const std::string& transport,
                Clock::duration patience = 30s);

// The flags of the first packets of the first video stream, as ffprobe has them: "K_" is a key
// frame.
[[nodiscard]] Result<std::vector<std::string>> ffprobe_packet_flags(const std::string& url,
                                                                    const std::string& transport,
                                                                    int packets,
                                                                    Clock::duration patience = 30s);

// MD5 of each of the first `frames` frames that ffmpeg decodes of the stream `map` ("0:v:0").
[[nodiscard]] Result<std::vector<std::string>> decode_frames(const std::string& url,
                                                             const std::string& transport,
                                                             const std::string& map, int frames,
                                                             Clock::duration patience = 30s);

// The length of the longest run that both sequences have in common.
[[nodiscard]] std::size_t longest_common_run(const std::vector<std::string>& left,
                                             const std::vector<std::string>& right);

} // namespace rtspproxy::tests
