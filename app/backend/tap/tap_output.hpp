// The stream that a connection with a tap (tap.hpp) is written to.
#pragma once

#include "app/backend/tap/tap.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>

#include <memory>

namespace rtspproxy::backend {

// A pollable stream.
[[nodiscard]] Ref<GOutputStream> make_tap_output(std::shared_ptr<Tap> tap);

} // namespace rtspproxy::backend
