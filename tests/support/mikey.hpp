// The keys of SRTP as a server tells them in its SDP.
#pragma once

#include "plugins/support/deleter.hpp"

#include <gst/sdp/sdp.h>

#include <string>
#include <vector>

namespace rtspproxy::tests {

// A key of 16 bytes, which begins with `first`, and a salt of 14, told by the identifier `mki` if
// that is not empty.
[[nodiscard]] inline std::string mikey(const std::vector<guint8>& mki, guint8 first = 7) {
    GstMIKEYMessage* message = gst_mikey_message_new();
    gst_mikey_message_set_info(message, GST_MIKEY_VERSION, GST_MIKEY_TYPE_PSK_INIT, FALSE,
                               GST_MIKEY_PRF_MIKEY_1, 1, GST_MIKEY_MAP_TYPE_SRTP);
    gst_mikey_message_add_cs_srtp(message, 0, 0x1234, 0);
    gst_mikey_message_add_t_now_ntp_utc(message);
    const guint8 random[16] = {1};
    gst_mikey_message_add_rand_len(message, sizeof random);
    GstMIKEYPayload* transport = gst_mikey_payload_new(GST_MIKEY_PT_KEMAC);
    gst_mikey_payload_kemac_set(transport, GST_MIKEY_ENC_NULL, GST_MIKEY_MAC_NULL);
    GstMIKEYPayload* key = gst_mikey_payload_new(GST_MIKEY_PT_KEY_DATA);
    const guint8 bytes[30] = {first};
    gst_mikey_payload_key_data_set_key(key, GST_MIKEY_KD_TEK, sizeof bytes, bytes);
    if (!mki.empty())
        gst_mikey_payload_key_data_set_spi(key, static_cast<guint8>(mki.size()), mki.data());
    gst_mikey_payload_kemac_add_sub(transport, key);
    gst_mikey_message_add_payload(message, transport);
    const GCharPtr text(gst_mikey_message_base64_encode(message));
    gst_mikey_message_unref(message);
    return text.get();
}

} // namespace rtspproxy::tests
