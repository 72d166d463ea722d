// RelayPay: what the caps say of the packets, and which payload types these have.
#include "plugins/relay/relay_caps.hpp"
#include "plugins/relay/relay_pay.hpp"
#include "plugins/support/element.hpp"

#include <charconv>

namespace rtspproxy::relay {
namespace {

rtp::Codec codec_of(const GstStructure* structure) {
    const auto codec =
        rtp::codec_of(string_field(structure, "media"), string_field(structure, "encoding-name"));
    if (codec != rtp::Codec::H265)
        return codec;
    const auto text = string_field(structure, "sprop-max-don-diff"); // RFC 7798 §7.1
    unsigned most = 0;
    std::from_chars(text.data(), text.data() + text.size(), most);
    return most > 0 ? rtp::Codec::H265Numbered : codec;
}

} // namespace

void RelayPay::set_input_caps(GstCaps* caps) {
    if (!run_settings_.caps) {
        push_pending(monotonic_now()); // it came with the old ones
        const auto out = output_caps(caps, run_settings_);
        apply_format(out.get());
        if (!continuity_.started())
            await_key_frame();
        push_sticky_events(out.get());
        open_.store(true);
    }
    learn_types(gst_caps_get_structure(caps, 0));
}

void RelayPay::apply_format(GstCaps* caps) {
    const GstStructure* structure = gst_caps_get_structure(caps, 0);
    const auto media = string_field(structure, "media");
    const auto encoding = string_field(structure, "encoding-name");
    format_.codec = codec_of(structure);
    format_.clock_rate = clock_rate_of(structure);
    format_.payload_type = payload_type_of(structure);
    format_.encoding = encoding;
    if (format_.payload_type)
        payload_type_.store(*format_.payload_type);
    clock_rate_.store(format_.clock_rate);
    continuity_.set_clock_rate(format_.clock_rate);
    grouper_ = rtp::AccessUnitGrouper(rtp::marker_ends_access_unit(media, encoding),
                                      run_settings_.group_timeout_ms * GST_MSECOND);
    dropped_preroll_.fetch_add(early_.begin(rtp::tells_key_frames(format_.codec)),
                               std::memory_order_relaxed);
}

// A back end that was connected again may call the same encoding by another number. A number of
// another encoding is another payload type of the track, and stays.
void RelayPay::learn_types(const GstStructure* input) {
    const auto* encoding = gst_structure_get_string(input, "encoding-name");
    const bool same =
        encoding == nullptr || (g_ascii_strcasecmp(encoding, format_.encoding.c_str()) == 0 &&
                                clock_rate_of(input) == format_.clock_rate);
    main_seen_ = false;
    main_type_ = same ? payload_type_of(input) : format_.payload_type;
    rename_main_ = same && format_.payload_type;
    renamed_type_ = rename_main_ ? main_type_ : std::nullopt;
    others_ = 0;
}

void RelayPay::note_type(std::uint8_t payload_type) {
    if (!main_type_) {
        main_type_ = payload_type;
        renamed_type_ = rename_main_ ? main_type_ : std::nullopt;
    }
    const bool again = payload_type == other_type_;
    other_type_ = payload_type;
    others_ = payload_type == *main_type_ ? 0 : again ? others_ + 1 : 1;
    if (others_ < (main_seen_ ? kMainAfter : 2))
        return;
    main_type_ = payload_type;
    others_ = 0;
}

void RelayPay::await_key_frame() {
    if (run_settings_.clean_start && rtp::tells_key_frames(format_.codec))
        gate_.await_first();
}

} // namespace rtspproxy::relay
