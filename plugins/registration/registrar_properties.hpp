// The element's properties: what they are called and mean, and which option of the registrar each
// one is.
#pragma once

#include "plugins/registration/registrar.hpp"

#include <glib-object.h>

namespace rtspproxy::registration {

void install_properties(GObjectClass* object_class);
// False: there is no such property. Any thread.
[[nodiscard]] bool set_property(Registrar& self, guint id, const GValue* value);
[[nodiscard]] bool get_property(Registrar& self, guint id, GValue* value);

} // namespace rtspproxy::registration
