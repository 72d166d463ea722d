// Faults: what the bench camera can be told to do wrong while it runs, by lines on stdin.
#pragma once

#include "tests/bench/camera/camera_stream.hpp"
#include "tests/bench/camera/options.hpp"
#include "tests/bench/server/rtsp_server.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::bench {

class Faults {
  public:
    using Streams = std::vector<std::unique_ptr<CameraStream>>;
    using Words = std::vector<std::string_view>;

    Faults(RtspServer& server, Streams& streams, const CameraOptions& options)
        : server_(server), streams_(streams), options_(options) {}

    // Runs one command; returns the line that answers it.
    [[nodiscard]] std::string run(const Words& words);

  private:
    [[nodiscard]] bool run_connection_fault(const Words& words);
    [[nodiscard]] bool run_stream_fault(const Words& words);
    [[nodiscard]] bool describe_as(std::string_view variant);
    void set_password(const Words& words);
    [[nodiscard]] std::string statistics() const;

    RtspServer& server_;
    Streams& streams_;
    CameraOptions options_;
};

} // namespace rtspproxy::bench
