// DemoCamera: an RTSP server on loopback with a moving picture and sound, for --demo.
#pragma once

#include "app/delivery/server_refs.hpp"
#include "plugins/support/result.hpp"

#include <memory>
#include <string>

namespace rtspproxy::demo {

// All methods: main context, which must run for the camera to answer.
class DemoCamera {
  public:
    // The error names what is missing (an encoder, usually) and the package that has it.
    [[nodiscard]] static Result<std::unique_ptr<DemoCamera>> create();
    ~DemoCamera();
    DemoCamera(const DemoCamera&) = delete;
    DemoCamera& operator=(const DemoCamera&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

  private:
    DemoCamera(Ref<GstRTSPServer> server, guint source);

    const Ref<GstRTSPServer> server_;
    const guint source_;
    std::string url_;
};

} // namespace rtspproxy::demo
