#include "app/backend/sdp/normal_form.hpp"

#include "app/backend/sdp/control_url.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace rtspproxy::backend::sdp {
namespace {

constexpr const char* kControl = "control";

GstSDPMedia& section_at(GstSDPMessage& sdp, guint index) {
    return g_array_index(sdp.medias, GstSDPMedia, index);
}

void remove_section(GstSDPMessage& sdp, guint index) {
    gst_sdp_media_uninit(&section_at(sdp, index));
    g_array_remove_index(sdp.medias, index);
}

std::string text(const char* value) {
    return value != nullptr ? value : "";
}

// Brings a section into the form that rtspsrc reads; a reason if it cannot be received.
std::optional<std::string> reason_against(const GstSDPMessage& sdp, GstSDPMedia& section,
                                          const Rules& rules) {
    const auto profile = rtp_profile(section);
    if (!profile)
        return "is not RTP";
    if (is_encrypted(section)) {
        if (!rules.decryption)
            return "is encrypted (SRTP), which needs GStreamer's plugin srtp (Debian: "
                   "gstreamer1.0-plugins-bad)";
        if (std::string trouble = key_trouble(sdp, section); !trouble.empty())
            return trouble;
    }
    if (!keep_known_formats(section))
        return "says nothing of its encoding (no usable payload type with rtpmap)";
    gst_sdp_media_set_proto(&section, profile->c_str());
    return std::nullopt;
}

LeftOut judged(const GstSDPMedia& section, guint index, std::string reason, bool as_meant) {
    return {text(gst_sdp_media_get_media(&section)) + " section " + std::to_string(index + 1),
            std::move(reason), as_meant};
}

// Takes out what cannot be served.
std::vector<LeftOut> sift(GstSDPMessage& sdp, const Rules& rules) {
    const Directions directions = Directions::of(sdp);
    const guint count = gst_sdp_message_medias_len(&sdp);
    std::vector<LeftOut> left_out;
    guint kept = 0;
    for (guint i = 0; i < count; ++i) {
        GstSDPMedia& section = section_at(sdp, kept);
        if (kept == kMaxTracks) {
            left_out.push_back(judged(section, i,
                                      "and what comes after it is left out: " +
                                          std::to_string(kMaxTracks) + " are served",
                                      false));
            while (gst_sdp_message_medias_len(&sdp) > kept)
                remove_section(sdp, gst_sdp_message_medias_len(&sdp) - 1);
            break;
        }
        if (is_back_channel(section, directions))
            left_out.push_back(judged(section, i, "is a back channel", true));
        else if (auto reason = reason_against(sdp, section, rules))
            left_out.push_back(judged(section, i, std::move(*reason), !rtp_profile(section)));
        else {
            ++kept;
            continue;
        }
        remove_section(sdp, kept);
    }
    return left_out;
}

void remove_controls(GstSDPMessage& sdp) {
    for (guint i = gst_sdp_message_attributes_len(&sdp); i-- > 0;)
        if (text(gst_sdp_message_get_attribute(&sdp, i)->key) == kControl)
            gst_sdp_message_remove_attribute(&sdp, i);
}
void remove_controls(GstSDPMedia& section) {
    for (guint i = gst_sdp_media_attributes_len(&section); i-- > 0;)
        if (text(gst_sdp_media_get_attribute(&section, i)->key) == kControl)
            gst_sdp_media_remove_attribute(&section, i);
}

// The control of the session: an absolute one if there is any, as rtspsrc has it.
std::string session_control_of(const GstSDPMessage& sdp) {
    std::string found;
    for (guint i = 0; i < gst_sdp_message_attributes_len(&sdp); ++i) {
        const GstSDPAttribute* attribute = gst_sdp_message_get_attribute(&sdp, i);
        if (text(attribute->key) != kControl)
            continue;
        if (is_absolute(text(attribute->value)))
            return text(attribute->value);
        if (found.empty())
            found = text(attribute->value);
    }
    return found;
}

// Gives each section and the session one control, the key by which `addresses` knows its URL.
Addresses address(GstSDPMessage& sdp, const Origin& origin) {
    const std::string base = base_url(origin.request_url, origin.content_base);
    const std::string session = session_control_of(sdp);
    Addresses addresses(aggregate_url(base, session));
    remove_controls(sdp);
    gst_sdp_message_add_attribute(&sdp, kControl, addresses.aggregate_key().c_str());
    for (guint i = 0; i < gst_sdp_message_medias_len(&sdp); ++i) {
        GstSDPMedia& section = section_at(sdp, i);
        const std::string control = text(gst_sdp_media_get_attribute_val(&section, kControl));
        remove_controls(section);
        const std::string key = addresses.add(setup_urls(base, session, control));
        gst_sdp_media_add_attribute(&section, kControl, key.c_str());
    }
    return addresses;
}

bool is_multicast(const GstSDPConnection* connection) {
    return connection != nullptr && connection->nettype != nullptr &&
           connection->addrtype != nullptr && connection->address != nullptr &&
           gst_sdp_address_is_multicast(connection->nettype, connection->addrtype,
                                        connection->address) != FALSE;
}

// Whether rtspsrc would ask for multicast: the address of the session counts more to it than a
// section's own, and of those the last.
bool is_multicast(const GstSDPMessage& sdp, const GstSDPMedia& section) {
    const GstSDPConnection* session = gst_sdp_message_get_connection(&sdp);
    if (session != nullptr && session->address != nullptr)
        return is_multicast(session);
    const guint count = gst_sdp_media_connections_len(&section);
    return count > 0 && is_multicast(gst_sdp_media_get_connection(&section, count - 1));
}

bool all_multicast(GstSDPMessage& sdp) {
    const guint count = gst_sdp_message_medias_len(&sdp);
    for (guint i = 0; i < count; ++i)
        if (!is_multicast(sdp, section_at(sdp, i)))
            return false;
    return count > 0;
}

// A group's address anywhere makes rtspsrc ask for nothing but multicast.
void remove_groups(GstSDPMessage& sdp) {
    const GstSDPConnection* session = gst_sdp_message_get_connection(&sdp);
    if (is_multicast(session)) {
        const bool ipv6 = text(session->addrtype) == "IP6";
        gst_sdp_message_set_connection(&sdp, "IN", ipv6 ? "IP6" : "IP4", ipv6 ? "::" : "0.0.0.0", 0,
                                       0);
    }
    for (guint i = 0; i < gst_sdp_message_medias_len(&sdp); ++i) {
        GstSDPMedia& section = section_at(sdp, i);
        for (guint j = gst_sdp_media_connections_len(&section); j-- > 0;)
            if (is_multicast(gst_sdp_media_get_connection(&section, j)))
                gst_sdp_media_remove_connection(&section, j);
    }
}

} // namespace

NormalForm normalise(GstSDPMessage& sdp, const Origin& origin, const Rules& rules) {
    NormalForm form;
    form.left_out = sift(sdp, rules);
    form.addresses = address(sdp, origin);
    form.multicast = rules.multicast && all_multicast(sdp);
    if (!form.multicast)
        remove_groups(sdp);
    for (guint i = 0; i < gst_sdp_message_medias_len(&sdp); ++i)
        form.encrypted = form.encrypted || is_encrypted(section_at(sdp, i));
    return form;
}

} // namespace rtspproxy::backend::sdp
