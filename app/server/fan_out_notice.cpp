#include "app/server/fan_out_notice.hpp"

#include "app/log.hpp"

#include <atomic>

namespace rtspproxy::server {

void note_fan_out(GstMessage* message) {
    if (!gst_message_has_name(message, "udp-fan-out"))
        return;
    static std::atomic<bool> said_gso{false};
    static std::atomic<bool> said_plain{false};
    gboolean gso = FALSE;
    gst_structure_get_boolean(gst_message_get_structure(message), "gso", &gso);
    if ((gso != FALSE ? said_gso : said_plain).exchange(true))
        return;
    log::info("UDP clients are sent %s", gso != FALSE
                                             ? "runs of packets with segmentation offload (GSO)"
                                             : "packets one by one: no segmentation offload (GSO)");
}

} // namespace rtspproxy::server
