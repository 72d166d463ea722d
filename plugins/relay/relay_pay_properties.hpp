// The properties of rtprelaypay: what they are called and mean, and how they reach the working
// part.
#pragma once

#include <gst/gst.h>

namespace rtspproxy::relay {

class RelayPay;

void install_properties(GObjectClass* object_class);
// False: there is no such property. Any thread; `self` for the log.
[[nodiscard]] bool set_property(RelayPay& pay, GObject* self, guint id, const GValue* value);
[[nodiscard]] bool get_property(RelayPay& pay, guint id, GValue* value);

} // namespace rtspproxy::relay
