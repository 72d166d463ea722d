#include "app/backend/track_match.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace rtspproxy::backend {
namespace {

std::string text_of(const GstSDPMedia& section) {
    const GCharPtr text(gst_sdp_media_as_text(&section));
    return text.get();
}

std::vector<std::string> formats_of(const GstSDPMedia& section) {
    std::vector<std::string> formats;
    for (guint i = 0; i < gst_sdp_media_formats_len(&section); ++i)
        formats.emplace_back(gst_sdp_media_get_format(&section, i));
    return formats;
}

// "a-" and "x-": attributes that are no format parameters.
bool is_only_told(std::string_view field) {
    return field == "payload" || field.starts_with("a-") || field.starts_with("x-") ||
           field.starts_with("ssrc-");
}

bool is_in_the_stream(std::string_view field, bool video) {
    return video && (field.starts_with("sprop-") || field == "profile-level-id" ||
                     field == "profile-id" || field == "level-id" || field == "config");
}

// The caps without what tells nothing of the decoder, or also without what may change while a
// client is connected.
Ref<GstCaps> essence(const Track& track, bool lasting) {
    struct Filter {
        bool video;
        bool lasting;
    };
    auto caps = Ref<GstCaps>::adopt(gst_caps_copy(track.caps.get()));
    GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    Filter filter{string_field(structure, "media") == "video", lasting};
    gst_structure_filter_and_map_in_place(
        structure,
        [](GQuark quark, GValue*, gpointer data) -> gboolean {
            const auto& wanted = *static_cast<const Filter*>(data);
            const std::string_view field = g_quark_to_string(quark);
            const bool goes =
                is_only_told(field) || (wanted.lasting && is_in_the_stream(field, wanted.video));
            return goes ? FALSE : TRUE;
        },
        &filter);
    return caps;
}

struct Essences {
    explicit Essences(const Tracks& tracks) {
        for (const Track& track : tracks) {
            whole.push_back(essence(track, false));
            lasting.push_back(essence(track, true));
        }
    }
    std::vector<Ref<GstCaps>> whole, lasting;
};

bool equal(const Ref<GstCaps>& left, const Ref<GstCaps>& right) {
    return gst_caps_is_equal(left.get(), right.get()) != FALSE;
}

// One go over those that have found nobody yet.
void pair(const std::vector<Ref<GstCaps>>& served, const std::vector<Ref<GstCaps>>& offered,
          bool at_their_place, std::vector<std::optional<std::size_t>>& partners,
          std::vector<bool>& taken) {
    for (std::size_t i = 0; i < served.size(); ++i)
        for (std::size_t j = 0; j < offered.size() && !partners[i]; ++j)
            if (!taken[j] && (i == j || !at_their_place) && equal(served[i], offered[j])) {
                partners[i] = j;
                taken[j] = true;
            }
}

} // namespace

std::optional<std::vector<std::size_t>> matched(const Tracks& served, const Tracks& offered) {
    if (served.size() != offered.size())
        return std::nullopt;
    const Essences mine(served);
    const Essences theirs(offered);
    std::vector<std::optional<std::size_t>> partners(served.size());
    std::vector<bool> taken(served.size());
    for (const bool at_their_place : {true, false})
        pair(mine.whole, theirs.whole, at_their_place, partners, taken);
    for (const bool at_their_place : {true, false})
        pair(mine.lasting, theirs.lasting, at_their_place, partners, taken);
    std::vector<std::size_t> positions;
    for (const auto& partner : partners) {
        if (!partner)
            return std::nullopt;
        positions.push_back(*partner);
    }
    return positions;
}

bool compatible(const Tracks& served, const Tracks& offered) {
    return matched(served, offered).has_value();
}

Tracks arranged(const Tracks& served, const Tracks& offered) {
    const auto positions = matched(served, offered);
    if (!positions)
        return offered;
    Tracks tracks;
    for (const std::size_t position : *positions)
        tracks.push_back(offered[position]);
    return tracks;
}

bool same(const Tracks& left, const Tracks& right) {
    return std::ranges::equal(left, right, [](const Track& one, const Track& other) {
        return text_of(*one.section) == text_of(*other.section);
    });
}

Tracks renewed(const Tracks& served, const Tracks& offered) {
    Tracks tracks = served;
    const auto positions = matched(served, offered);
    if (!positions)
        return tracks;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const Track& now = offered[(*positions)[i]];
        if (formats_of(*served[i].section) == formats_of(*now.section))
            tracks[i].section = now.section;
    }
    return tracks;
}

} // namespace rtspproxy::backend
