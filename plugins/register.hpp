// Registers every element of this project, for the plugin (with its GstPlugin) or for a program
// that has them linked in (with nullptr).
#pragma once

#include <gst/gst.h>

namespace rtspproxy {

bool register_elements(GstPlugin* plugin);

} // namespace rtspproxy
