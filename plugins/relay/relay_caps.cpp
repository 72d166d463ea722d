#include "plugins/relay/relay_caps.hpp"

#include "plugins/relay/relay_pay_settings.hpp"

namespace rtspproxy::relay {

std::uint32_t clock_rate_of(const GstStructure* structure) {
    gint rate = 0;
    gst_structure_get_int(structure, "clock-rate", &rate);
    return rate > 0 ? static_cast<std::uint32_t>(rate) : 0;
}

std::optional<std::uint8_t> payload_type_of(const GstStructure* structure) {
    gint type = 0;
    if (gst_structure_get_int(structure, "payload", &type) && type >= 0 && type <= 127)
        return static_cast<std::uint8_t>(type);
    return std::nullopt;
}

// The back end's caps without what belongs to one session with it only.
Ref<GstCaps> output_caps(const GstCaps* input, const RelayPaySettings& settings) {
    auto caps = Ref<GstCaps>::adopt(gst_caps_copy(input));
    GstStructure* structure = gst_caps_get_structure(caps.get(), 0);
    gst_structure_remove_fields(structure, "clock-base", "seqnum-base", "npt-start", "npt-stop",
                                "play-speed", "play-scale", "onvif-mode", "ssrc", "seqnum-offset",
                                "timestamp-offset", nullptr);
    if (settings.ssrc)
        gst_structure_set(structure, "ssrc", G_TYPE_UINT, *settings.ssrc, nullptr);
    if (settings.payload_type)
        gst_structure_set(structure, "payload", G_TYPE_INT,
                          static_cast<gint>(*settings.payload_type), nullptr);
    return caps;
}

} // namespace rtspproxy::relay
