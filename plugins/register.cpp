#include "plugins/register.hpp"

#include "plugins/fanout/udpfanoutsink.hpp"
#include "plugins/registration/rtspregister.hpp"
#include "plugins/relay/rtprelaybuffer.hpp"
#include "plugins/relay/rtprelaypay.hpp"

namespace rtspproxy {
namespace {

// The others do not need it.
bool register_udpfanoutsink(GstPlugin* plugin) {
    const GType type = fanout::udpfanoutsink_get_type(plugin != nullptr);
    return type == 0 || gst_element_register(plugin, "udpfanoutsink", GST_RANK_NONE, type) != FALSE;
}

} // namespace

bool register_elements(GstPlugin* plugin) {
    return gst_element_register(plugin, "rtprelaypay", GST_RANK_NONE,
                                relay::rtprelaypay_get_type()) &&
           gst_element_register(plugin, "rtprelaybuffer", GST_RANK_NONE,
                                relay::rtprelaybuffer_get_type()) &&
           gst_element_register(plugin, "rtspregister", GST_RANK_NONE,
                                registration::rtspregister_get_type()) &&
           register_udpfanoutsink(plugin);
}

} // namespace rtspproxy
