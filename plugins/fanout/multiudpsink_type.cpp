#include "plugins/fanout/multiudpsink_type.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/support/ref.hpp"

#include <gmodule.h>

#include <memory>
#include <string>

namespace rtspproxy::fanout {
namespace {

constexpr const char* kTypeName = "GstMultiUDPSink";

using FactoryPtr = std::unique_ptr<GstElementFactory, Deleter<gst_object_unref>>;

GType type_from_factory() {
    const FactoryPtr known(gst_element_factory_find("multiudpsink"));
    if (!known)
        return 0;
    const FactoryPtr loaded(
        GST_ELEMENT_FACTORY(gst_plugin_feature_load(GST_PLUGIN_FEATURE(known.get()))));
    return loaded ? gst_element_factory_get_element_type(loaded.get()) : 0;
}

std::string plugin_file() {
    const std::unique_ptr<GstPlugin, Deleter<gst_object_unref>> plugin(
        gst_registry_find_plugin(gst_registry_get(), "udp"));
    const char* file = plugin ? gst_plugin_get_filename(plugin.get()) : nullptr;
    return file != nullptr ? file : RTSPPROXY_GSTREAMER_PLUGINS "/libgstudp.so";
}

// While a plugin is loaded GStreamer holds a lock that loading another one takes, too; and the
// scanner of plugins knows no others. What is left is how plugins that are linked in are registered
// (GST_PLUGIN_STATIC_REGISTER).
GType type_from_file() {
    GModule* module = g_module_open(plugin_file().c_str(), G_MODULE_BIND_LOCAL);
    gpointer symbol = nullptr;
    if (module == nullptr || !g_module_symbol(module, "gst_plugin_udp_register", &symbol))
        return 0;
    g_module_make_resident(module); // its types stay
    reinterpret_cast<void (*)()>(symbol)();
    return g_type_from_name(kTypeName);
}

} // namespace

GType multiudpsink_type(bool loading_plugin) {
    if (const GType known = g_type_from_name(kTypeName); known != 0)
        return known;
    return loading_plugin ? type_from_file() : type_from_factory();
}

} // namespace rtspproxy::fanout
