#include "app/backend/track.hpp"

#include "plugins/support/element.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rtspproxy::backend {
namespace {

// Attributes that describe the back end's own session and would mislead a client of the proxy.
constexpr std::array kSessionOnly{"a-rtcp",     "a-rtcp-mux",        "a-setup",          "a-fingerprint",
                                  "a-ice-pwd",  "a-ice-ufrag",       "a-candidate",      "a-crypto",
                                  "a-ts-refclk", "a-mediaclk",       "a-sendrecv",       "a-sendonly",
                                  "a-recvonly", "a-source-filter",   "a-maxprate",       "a-tool",
                                  "a-type"};

bool is_rtp(const GstSDPMedia& media) {
    const std::string_view protocol = gst_sdp_media_get_proto(&media) != nullptr
                                          ? gst_sdp_media_get_proto(&media)
                                          : std::string_view();
    return protocol == "RTP/AVP" || protocol == "RTP/AVPF" || protocol == "RTP/AVP/TCP";
}

Ref<GstCaps> caps_of(const GstSDPMessage& sdp, const GstSDPMedia& media) {
    const char* format = gst_sdp_media_get_format(&media, 0);
    if (format == nullptr)
        return nullptr;
    const auto payload_type = static_cast<gint>(g_ascii_strtoull(format, nullptr, 10));
    auto caps = Ref<GstCaps>::adopt(gst_sdp_media_get_caps_from_media(&media, payload_type));
    if (!caps)
        return nullptr;
    caps = Ref<GstCaps>::adopt(gst_caps_make_writable(caps.release()));
    gst_sdp_media_attributes_to_caps(&media, caps.get());
    GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    gst_structure_set_name(structure, "application/x-rtp");
    const char* language = gst_sdp_message_get_attribute_val(&sdp, "lang");
    if (language != nullptr && !gst_structure_has_field(structure, "a-lang"))
        gst_structure_set(structure, "a-lang", G_TYPE_STRING, language, nullptr);
    for (const char* name : kSessionOnly)
        gst_structure_remove_field(structure, name);
    return caps;
}

bool is_parameter_sets(std::string_view field) {
    return field.starts_with("sprop-") || field == "profile-level-id" || field == "profile-id" ||
           field == "level-id" || field == "a-framerate" || field == "a-framesize" ||
           field == "a-x-dimensions" || field == "a-cliprect" || field == "payload";
}

// The caps without what may change while a client is connected.
Ref<GstCaps> lasting(const Track& track) {
    auto caps = Ref<GstCaps>::adopt(gst_caps_copy(track.caps.get()));
    GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    const bool video = string_field(structure, "media") == "video";
    gst_structure_filter_and_map_in_place(
        structure,
        [](GQuark field, GValue*, gpointer data) -> gboolean {
            const std::string_view name = g_quark_to_string(field);
            if (name == "payload")
                return FALSE;
            return !(*static_cast<const bool*>(data) && is_parameter_sets(name));
        },
        const_cast<bool*>(&video));
    return caps;
}

} // namespace

Tracks tracks_from_sdp(const GstSDPMessage& sdp) {
    Tracks tracks;
    for (guint i = 0; i < gst_sdp_message_medias_len(&sdp); ++i) {
        const GstSDPMedia* media = gst_sdp_message_get_media(&sdp, i);
        if (!is_rtp(*media))
            continue;
        if (auto caps = caps_of(sdp, *media))
            tracks.push_back({i, std::move(caps)});
    }
    return tracks;
}

bool compatible(const Tracks& served, const Tracks& offered) {
    return std::ranges::equal(served, offered, [](const Track& left, const Track& right) {
        return left.index == right.index &&
               gst_caps_is_equal(lasting(left).get(), lasting(right).get()) != FALSE;
    });
}

bool same(const Tracks& left, const Tracks& right) {
    return std::ranges::equal(left, right, [](const Track& one, const Track& other) {
        return one.index == other.index &&
               gst_caps_is_equal(one.caps.get(), other.caps.get()) != FALSE;
    });
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
