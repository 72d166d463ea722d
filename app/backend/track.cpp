#include "app/backend/track.hpp"

#include "app/backend/sdp/section.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <gst/rtp/rtp.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace rtspproxy::backend {
namespace {

// Attributes of the back end's own session with the proxy, which would mislead a client of the
// proxy.
constexpr std::array<std::string_view, 17> kSessionOnly{
    "control",     "range",     "ssrc",      "ssrc-group",    "rtcp",   "rtcp-mux",
    "setup",       "ice-pwd",   "ice-ufrag", "candidate",     "crypto", "key-mgmt",
    "fingerprint", "ts-refclk", "mediaclk",  "source-filter", "mid"};

// The payload type that a section names first.
std::optional<gint> payload_type_of(const GstSDPMedia& media) {
    const char* format = gst_sdp_media_get_format(&media, 0);
    guint64 number = 0;
    if (format == nullptr ||
        g_ascii_string_to_unsigned(format, 10, 0, 127, &number, nullptr) == FALSE)
        return std::nullopt;
    return static_cast<gint>(number);
}

// What the proxy relays is decrypted. Besides, keys change from one connection to the next, and
// caps are printed.
void remove_keys(GstStructure& structure) {
    gst_structure_filter_and_map_in_place(
        &structure,
        [](GQuark quark, GValue*, gpointer) -> gboolean {
            const std::string_view field = g_quark_to_string(quark);
            const bool secret = field.starts_with("srtp-") || field.starts_with("srtcp-") ||
                                field == "mki" || field == "a-crypto";
            return secret ? FALSE : TRUE;
        },
        nullptr);
}

Ref<GstCaps> caps_of(const GstSDPMedia& media) {
    const auto payload_type = payload_type_of(media);
    if (!payload_type)
        return nullptr;
    auto caps = Ref<GstCaps>::adopt(gst_sdp_media_get_caps_from_media(&media, *payload_type));
    if (!caps)
        return nullptr;
    caps = Ref<GstCaps>::adopt(gst_caps_make_writable(caps.release()));
    gst_sdp_media_attributes_to_caps(&media, caps.get());
    GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    gst_structure_set_name(structure, "application/x-rtp");
    remove_keys(*structure);
    // RFC 3551 §6: static payload types need no rtpmap to have a name.
    const auto* const known = gst_rtp_payload_info_for_pt(static_cast<guint8>(*payload_type));
    if (known != nullptr && gst_structure_has_field(structure, "encoding-name") == FALSE)
        gst_structure_set(structure, "encoding-name", G_TYPE_STRING, known->encoding_name, nullptr);
    return caps;
}

using SectionPtr = std::unique_ptr<GstSDPMedia, Deleter<gst_sdp_media_free>>;

SectionPtr new_section() {
    GstSDPMedia* section = nullptr;
    gst_sdp_media_new(&section);
    return SectionPtr(section);
}

bool has_attribute(const GstSDPMedia& section, const char* key) {
    return gst_sdp_media_get_attribute_val(&section, key) != nullptr;
}

std::shared_ptr<const GstSDPMedia> section_of(const GstSDPMessage& sdp, const GstSDPMedia& media) {
    auto section = new_section();
    gst_sdp_media_set_media(section.get(), gst_sdp_media_get_media(&media));
    gst_sdp_media_set_port_info(section.get(), 0, 1);
    gst_sdp_media_set_proto(section.get(), "RTP/AVP");
    for (guint i = 0; i < gst_sdp_media_formats_len(&media); ++i)
        gst_sdp_media_add_format(section.get(), gst_sdp_media_get_format(&media, i));
    for (guint i = 0; i < gst_sdp_media_bandwidths_len(&media); ++i) {
        const GstSDPBandwidth* bandwidth = gst_sdp_media_get_bandwidth(&media, i);
        gst_sdp_media_add_bandwidth(section.get(), bandwidth->bwtype, bandwidth->bandwidth);
    }
    for (guint i = 0; i < gst_sdp_media_attributes_len(&media); ++i) {
        const GstSDPAttribute* attribute = gst_sdp_media_get_attribute(&media, i);
        if (std::ranges::find(kSessionOnly, std::string_view(attribute->key)) == kSessionOnly.end())
            gst_sdp_media_add_attribute(section.get(), attribute->key, attribute->value);
    }
    const char* language = gst_sdp_message_get_attribute_val(&sdp, "lang");
    if (language != nullptr && !has_attribute(*section, "lang"))
        gst_sdp_media_add_attribute(section.get(), "lang", language);
    return section;
}

} // namespace

Tracks tracks_from_sdp(const GstSDPMessage& sdp) {
    Tracks tracks;
    for (guint i = 0; i < gst_sdp_message_medias_len(&sdp); ++i) {
        const GstSDPMedia* media = gst_sdp_message_get_media(&sdp, i);
        if (!sdp::rtp_profile(*media))
            continue;
        if (auto caps = caps_of(*media))
            tracks.push_back({i, std::move(caps), section_of(sdp, *media)});
    }
    return tracks;
}

std::string describe(const Tracks& tracks) {
    std::string text;
    for (const Track& track : tracks) {
        const GstStructure* structure = gst_caps_get_structure(track.caps.get(), 0);
        gint rate = 0;
        gst_structure_get_int(structure, "clock-rate", &rate);
        text += text.empty() ? "" : ", ";
        text += std::string(string_field(structure, "media")) + " " +
                std::string(string_field(structure, "encoding-name")) + "/" + std::to_string(rate);
    }
    return text;
}

} // namespace rtspproxy::backend
