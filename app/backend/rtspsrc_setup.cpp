#include "app/backend/rtspsrc_setup.hpp"

#include "plugins/support/ref.hpp"

namespace rtspproxy::backend {

void disable_foreign_extensions() {
    for (const char* name : {"rtspreal", "rtspwms"}) {
        const auto feature = Ref<GstObject>::adopt(
            GST_OBJECT_CAST(gst_registry_lookup_feature(gst_registry_get(), name)));
        if (feature) // rtspsrc leaves out what has no rank
            gst_plugin_feature_set_rank(GST_PLUGIN_FEATURE(feature.get()), GST_RANK_NONE);
    }
}

} // namespace rtspproxy::backend
