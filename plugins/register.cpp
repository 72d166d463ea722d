#include "plugins/register.hpp"

#include "plugins/registration/rtspregister.hpp"
#include "plugins/relay/rtprelaybuffer.hpp"
#include "plugins/relay/rtprelaypay.hpp"

namespace rtspproxy {

bool register_elements(GstPlugin* plugin) {
    return gst_element_register(plugin, "rtprelaypay", GST_RANK_NONE,
                                relay::rtprelaypay_get_type()) &&
           gst_element_register(plugin, "rtprelaybuffer", GST_RANK_NONE,
                                relay::rtprelaybuffer_get_type()) &&
           gst_element_register(plugin, "rtspregister", GST_RANK_NONE,
                                registration::rtspregister_get_type());
}

} // namespace rtspproxy
