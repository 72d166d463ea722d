#include "tests/support/ffmpeg.hpp"

#include "tests/support/process.hpp"

#include <algorithm>
#include <sstream>

namespace rtspproxy::tests {

namespace {

Result<std::string> output_of(std::vector<std::string> arguments, Clock::duration patience) {
    const std::string program = arguments.front();
    const auto finished = run(std::move(arguments), patience);
    if (!finished.exit_code)
        return failure(program + " did not end: " + finished.err);
    if (*finished.exit_code != 0)
        return failure(program + " failed: " + finished.err);
    return finished.out;
}

} // namespace

Result<std::vector<std::map<std::string, std::string>>>
ffprobe_streams(const std::string& url, const std::string& transport, Clock::duration patience) {
    const auto output =
        output_of({"ffprobe", "-loglevel", "error", "-rtsp_transport", transport, "-show_streams",
                   "-print_format", "compact=print_section=0", url},
                  patience);
    if (!output)
        return tl::unexpected(output.error());
    std::vector<std::map<std::string, std::string>> streams;
    for (const auto& line : split_lines(*output)) {
        if (line.empty())
            continue;
        auto& stream = streams.emplace_back();
        std::istringstream fields(line);
        for (std::string field; std::getline(fields, field, '|');) {
            const auto equals = field.find('=');
            if (equals != std::string::npos)
                stream[field.substr(0, equals)] = field.substr(equals + 1);
        }
    }
    return streams;
}

Result<std::vector<std::string>> ffprobe_packet_flags(const std::string& url,
                                                      const std::string& transport, int packets,
                                                      Clock::duration patience) {
    const auto output =
        output_of({"ffprobe", "-loglevel", "error", "-rtsp_transport", transport, "-select_streams",
                   "v:0", "-show_entries", "packet=flags", "-read_intervals",
                   "%+#" + std::to_string(packets), "-print_format", "csv=print_section=0", url},
                  patience);
    if (!output)
        return tl::unexpected(output.error());
    return split_lines(*output);
}

Result<std::vector<std::string>> decode_frames(const std::string& url, const std::string& transport,
                                               const std::string& map, int frames,
                                               Clock::duration patience) {
    const auto output = output_of({"ffmpeg", "-nostdin", "-loglevel", "error", "-rtsp_transport",
                                   transport, "-i", url, "-map", map, "-fps_mode", "passthrough",
                                   "-frames", std::to_string(frames), "-f", "framemd5", "-"},
                                  patience);
    if (!output)
        return tl::unexpected(output.error());
    std::vector<std::string> hashes;
    for (const auto& line : split_lines(*output))
        if (const auto comma = line.rfind(',');
            !line.starts_with('#') && comma != std::string::npos)
            hashes.push_back(line.substr(line.find_first_not_of(' ', comma + 1)));
    return hashes;
}

std::size_t longest_common_run(const std::vector<std::string>& left,
                               const std::vector<std::string>& right) {
    std::size_t longest = 0;
    std::vector<std::size_t> ending(right.size() + 1, 0);
    for (const auto& hash : left) {
        for (std::size_t index = right.size(); index > 0; --index) {
            ending[index] = hash == right[index - 1] ? ending[index - 1] + 1 : 0;
            longest = std::max(longest, ending[index]);
        }
    }
    return longest;
}

} // namespace rtspproxy::tests
