// The command line of bench-camera.
#pragma once

#include "tests/bench/camera/camera_stream.hpp"
#include "tests/bench/common/auth.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rtspproxy::bench {

struct CameraOptions {
    StreamSettings stream;
    std::string bind = "127.0.0.1";
    std::uint16_t port = 0;
    unsigned streams = 1;
    std::optional<Credentials> credentials;
    AuthKind auth = AuthKind::Both;
    int session_timeout = 60;
    bool expire_silent = false;
    std::uint64_t seed = 1;
};

// Exits with a message for --help and wrong usage.
[[nodiscard]] CameraOptions parse_camera_options(int argc, char** argv);

} // namespace rtspproxy::bench
