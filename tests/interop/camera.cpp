// The camera of the interoperability matrix: gst-rtsp-server with one mount for each material.
// Usage: interop-camera. Its first line is "listening PORT"; then it reads commands from stdin and
// answers each with "ok": "away" closes its port and all connections, "back" opens the same port
// again. The end of stdin ends it.
#include "tests/support/material.hpp"
#include "tests/support/test_server.hpp"

#include <gst/gst.h>

#include <iostream>
#include <memory>
#include <string>

using namespace rtspproxy::tests;

namespace {

std::unique_ptr<TestServer> serve(std::uint16_t port) {
    ServerOptions options;
    options.port = port;
    auto server = std::make_unique<TestServer>(options);
    server->mount("/h264_aac", launch_line(h264_track(0), aac_track(1)));
    server->mount("/h265_pcmu", launch_line(h265_track(0), pcmu_track(1)));
    server->mount("/mjpeg", launch_line(mjpeg_track(0)));
    server->mount("/two_sounds", launch_line(h264_track(0), aac_track(1), pcmu_track(2)));
    return server;
}

} // namespace

int main(int argc, char** argv) {
    gst_init(&argc, &argv);
    auto server = serve(0);
    const auto port = server->port();
    std::cout << "listening " << port << std::endl;
    for (std::string command; std::getline(std::cin, command);) {
        if (command == "away")
            server.reset();
        else if (command == "back")
            server = serve(port);
        std::cout << "ok" << std::endl;
    }
}
