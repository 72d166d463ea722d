#include "tests/bench/camera/options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>

namespace rtspproxy::bench {
namespace {

constexpr const char* kAbout =
    "Synthetic RTSP camera: streams rtsp://HOST:PORT/stream1 … /streamN (/stream is the first).\n"
    "Prints \"listening PORT\" when it is ready. Commands are read from stdin, one a line; each "
    "is\n"
    "answered by one line on stdout: \"ok\", \"error REASON\" or JSON (stats). Send \"help\" for a "
    "list.";

} // namespace

CameraOptions parse_camera_options(int argc, char** argv) {
    CameraOptions options;
    CLI::App app(kAbout, "bench-camera");
    auto& video = options.stream.video;
    double report_interval = 5;
    double skew = 0;
    Credentials credentials;
    app.add_option("--bind", options.bind, "Address to listen on")->capture_default_str();
    app.add_option("--port", options.port, "TCP port; 0 is any free one")->capture_default_str();
    app.add_option("--streams", options.streams, "Number of streams")
        ->capture_default_str()
        ->check(CLI::Range(1, 10000));
    app.add_option("--bitrate", video.bit_rate, "Bit rate of a video stream (bit/s)")
        ->capture_default_str();
    app.add_option("--fps", video.format.frame_rate, "Frames per second")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--gop", video.group, "Frames from key frame to key frame")
        ->capture_default_str()
        ->check(CLI::Range(1, 100000));
    app.add_option("--key-ratio", video.key_ratio, "Size of a key frame in other frames")
        ->capture_default_str();
    app.add_option("--mtu", video.mtu, "Longest RTP packet (bytes)")
        ->capture_default_str()
        ->check(CLI::Range(200, 60000));
    app.add_flag("--audio", options.stream.audio, "Add a G.711 track");
    app.add_option("--user", credentials.user, "Require this user");
    app.add_option("--password", credentials.password, "The user's password");
    app.add_option("--auth", options.auth, "basic, digest or both")
        ->transform(CLI::CheckedTransformer(std::map<std::string, AuthKind>{
            {"basic", AuthKind::Basic}, {"digest", AuthKind::Digest}, {"both", AuthKind::Both}}));
    app.add_option("--sr-interval", report_interval, "Seconds between RTCP sender reports")
        ->capture_default_str();
    app.add_option("--ntp-skew", skew, "Seconds that the camera's clock is ahead")
        ->capture_default_str();
    app.add_option("--session-timeout", options.session_timeout, "Seconds, as told to clients")
        ->capture_default_str();
    app.add_flag("--expire", options.expire_silent,
                 "Close connections without an RTSP request for the session timeout");
    app.add_option("--seed", options.seed, "Of the loss and reordering that stdin asks for")
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    if (!credentials.user.empty())
        options.credentials = credentials;
    options.stream.report_interval = from_seconds(report_interval);
    options.stream.clock_skew = from_seconds(skew);
    options.stream.ipv6 = options.bind.find(':') != std::string::npos;
    return options;
}

} // namespace rtspproxy::bench
