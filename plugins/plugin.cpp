// The loadable plugin, libgstrtspproxy.so.
#include "plugins/plugin_config.hpp"
#include "plugins/register.hpp"

#include <gst/gst.h>

#define PACKAGE "gst-rtsp-proxy"

static gboolean plugin_init(GstPlugin* plugin) {
    return rtspproxy::register_elements(plugin) ? TRUE : FALSE;
}

GST_PLUGIN_DEFINE(
    GST_VERSION_MAJOR, GST_VERSION_MINOR, rtspproxy,
    "Elements of gst-rtsp-proxy: relay RTP untouched from an RTSP back end to many clients",
    plugin_init, RTSPPROXY_VERSION, "MIT/X11", PACKAGE, "gst-rtsp-proxy")
