// The launch line of a mount: what the media factory parses, and what can be tried with
// gst-launch-1.0.
#pragma once

#include "app/settings/settings.hpp"

#include <string>

namespace rtspproxy::backend {

// Begins with rtspsrc, which is named "backend"; holds no credentials. pipelines/mount-*.launch
// shows the line for each transport; `transport` must not be Automatic.
[[nodiscard]] std::string launch_line(const settings::BackendSettings& settings,
                                      settings::Transport transport);

// The value of rtspsrc's `location` for a transport.
[[nodiscard]] std::string location_of(const settings::BackendSettings& settings,
                                      settings::Transport transport);

// The value of rtspsrc's `protocols` for a transport.
[[nodiscard]] const char* protocols_of(settings::Transport transport);

} // namespace rtspproxy::backend
