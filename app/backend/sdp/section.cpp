#include "app/backend/sdp/section.hpp"

#include "plugins/support/ref.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

namespace rtspproxy::backend::sdp {
namespace {

constexpr std::string_view kMpegTs = "MP2T/AVP";
constexpr const char* kMpegTsPayloadType = "33"; // RFC 3551 §6

struct MikeyUnref {
    void operator()(GstMIKEYMessage* message) const { gst_mikey_message_unref(message); }
};
using MikeyPtr = std::unique_ptr<GstMIKEYMessage, MikeyUnref>;

std::string upper_protocol(const GstSDPMedia& section) {
    const char* protocol = gst_sdp_media_get_proto(&section);
    std::string text = protocol != nullptr ? protocol : "";
    std::ranges::transform(text, text.begin(), g_ascii_toupper);
    for (const std::string_view transport : {"/TCP", "/UDP"})
        if (text.ends_with(transport))
            text.erase(text.size() - transport.size());
    return text;
}

bool has(const GstSDPMedia& section, const char* attribute) {
    return gst_sdp_media_get_attribute_val(&section, attribute) != nullptr;
}

bool is_audio(const GstSDPMedia& section) {
    const char* media = gst_sdp_media_get_media(&section);
    return media != nullptr && g_ascii_strcasecmp(media, "audio") == 0;
}

bool is_known(const GstSDPMedia& section, const char* format) {
    guint64 number = 0;
    if (format == nullptr ||
        g_ascii_string_to_unsigned(format, 10, 0, 127, &number, nullptr) == FALSE)
        return false;
    return Ref<GstCaps>::adopt(
               gst_sdp_media_get_caps_from_media(&section, static_cast<gint>(number))) != nullptr;
}

MikeyPtr keys_of(const GstSDPMessage& sdp, const GstSDPMedia& section) {
    GstMIKEYMessage* keys = nullptr;
    gst_sdp_media_parse_keymgmt(&section, &keys);
    if (keys == nullptr)
        gst_sdp_message_parse_keymgmt(&sdp, &keys);
    return MikeyPtr(keys);
}

// Whether one of the keys is told by a master key identifier in each packet.
bool needs_identifier(const GstMIKEYMessage& keys) {
    const auto* transport = reinterpret_cast<const GstMIKEYPayloadKEMAC*>(
        gst_mikey_message_find_payload(&keys, GST_MIKEY_PT_KEMAC, 0));
    if (transport == nullptr)
        return false;
    for (guint i = 0; i < gst_mikey_payload_kemac_get_n_sub(&transport->pt); ++i) {
        const auto* key = reinterpret_cast<const GstMIKEYPayloadKeyData*>(
            gst_mikey_payload_kemac_get_sub(&transport->pt, i));
        if (key != nullptr && key->pt.type == GST_MIKEY_PT_KEY_DATA &&
            key->kv_type == GST_MIKEY_KV_SPI && key->kv_len[0] > 0)
            return true;
    }
    return false;
}

} // namespace

std::string nothing_left(const std::vector<LeftOut>& left_out) {
    const auto amiss =
        std::ranges::find_if(left_out, [](const LeftOut& each) { return !each.as_meant; });
    std::string text = "back end offers no RTP media in its SDP";
    if (amiss != left_out.end())
        text =
            "back end offers no media that can be served: " + amiss->section + " " + amiss->reason;
    return text;
}

std::optional<std::string> rtp_profile(const GstSDPMedia& section) {
    std::string protocol = upper_protocol(section);
    if (protocol == kMpegTs)
        return "RTP/AVP";
    if (protocol == "RTP/AVP" || protocol == "RTP/AVPF" || protocol == "RTP/SAVP" ||
        protocol == "RTP/SAVPF")
        return protocol;
    return std::nullopt;
}

bool is_encrypted(const GstSDPMedia& section) {
    return rtp_profile(section).value_or("").starts_with("RTP/SAVP");
}

Directions Directions::of(const GstSDPMessage& sdp) {
    Directions directions;
    for (guint i = 0; i < gst_sdp_message_medias_len(&sdp); ++i) {
        const GstSDPMedia& section = *gst_sdp_message_get_media(&sdp, i);
        directions.any_recvonly = directions.any_recvonly || has(section, "recvonly");
        directions.audio += is_audio(section) ? 1 : 0;
    }
    return directions;
}

bool is_back_channel(const GstSDPMedia& section, const Directions& directions) {
    return is_audio(section) && has(section, "sendonly") &&
           (directions.any_recvonly || directions.audio > 1);
}

std::string key_trouble(const GstSDPMessage& sdp, const GstSDPMedia& section) {
    const MikeyPtr keys = keys_of(sdp, section);
    if (!keys)
        return has(section, "crypto")
                   ? "is encrypted with keys by a=crypto, which GStreamer cannot read; it needs "
                     "a=key-mgmt:mikey"
                   : "is encrypted, and there is no key for it (a=key-mgmt:mikey)";
    if (needs_identifier(*keys))
        return "is encrypted with a master key identifier (MKI), which this GStreamer cannot read";
    return {};
}

bool keep_known_formats(GstSDPMedia& section) {
    const bool mpeg_ts = upper_protocol(section) == kMpegTs;
    for (guint i = gst_sdp_media_formats_len(&section); i-- > 0;)
        if (!is_known(section, gst_sdp_media_get_format(&section, i)))
            gst_sdp_media_remove_format(&section, i);
    if (mpeg_ts && gst_sdp_media_formats_len(&section) == 0)
        gst_sdp_media_add_format(&section, kMpegTsPayloadType);
    return gst_sdp_media_formats_len(&section) > 0;
}

} // namespace rtspproxy::backend::sdp
