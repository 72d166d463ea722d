// bench-camera: a synthetic RTSP camera, and the bare fan-out that servers are compared with.
#include "tests/bench/camera/camera_stream.hpp"
#include "tests/bench/camera/faults.hpp"
#include "tests/bench/camera/options.hpp"
#include "tests/bench/common/control.hpp"
#include "tests/bench/server/rtsp_server.hpp"

#include <cstdio>
#include <exception>

namespace rtspproxy::bench {
namespace {

void serve(const CameraOptions& options) {
    const auto address = resolve(options.bind, options.port);
    if (!address)
        throw std::runtime_error("cannot resolve " + options.bind);
    raise_file_limit();
    Loop loop;
    Faults::Streams streams;
    RtspServer server(loop, {*address, options.session_timeout, options.expire_silent},
                      [&](std::span<const std::uint8_t> packet) {
                          read_reception_reports(packet, [&](const ReceptionReport& report) {
                              for (const auto& stream : streams) {
                                  if (stream->sends(report.ssrc))
                                      stream->on_reception_report(report);
                              }
                          });
                      });
    if (options.credentials)
        server.set_authenticator(Authenticator(*options.credentials, options.auth));
    const Nanoseconds start = monotonic_now();
    const auto interval = from_seconds(1.0 / options.stream.video.format.frame_rate);
    for (unsigned i = 0; i < options.streams; ++i) {
        // Spread over a frame's time: real cameras are not in step.
        const Nanoseconds offset = interval * i / options.streams;
        streams.push_back(std::make_unique<CameraStream>(loop, server.udp(), options.stream,
                                                         start + offset, options.seed + i));
        server.add("/stream" + std::to_string(i + 1), *streams.back());
    }
    server.add("/stream", *streams.front());
    Faults faults(server, streams, options);
    const Control control(loop, [&](const auto& words) { return faults.run(words); });
    print_line("listening " + std::to_string(server.port()));
    loop.run();
}

} // namespace
} // namespace rtspproxy::bench

int main(int argc, char** argv) {
    try {
        rtspproxy::bench::serve(rtspproxy::bench::parse_camera_options(argc, argv));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-camera: %s\n", error.what());
        return 1;
    }
}
