// The event by which rtprelaybuffer tells rtprelaypay of a back end's sender reports: custom,
// downstream and serialised, a structure "rtp-sender-report" with ssrc (guint), ntp (guint64, in
// units of 2^-32 s since 1900) and rtp (guint).
#pragma once

#include "plugins/rtp/sender_report.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <optional>

namespace rtspproxy::relay {

[[nodiscard]] inline Ref<GstEvent> make_report_event(const rtp::SenderReport& report) {
    return Ref<GstEvent>::adopt(gst_event_new_custom(
        GST_EVENT_CUSTOM_DOWNSTREAM,
        gst_structure_new("rtp-sender-report", "ssrc", G_TYPE_UINT, report.ssrc, "ntp",
                          G_TYPE_UINT64, report.ntp, "rtp", G_TYPE_UINT, report.rtp, nullptr)));
}

// Nothing if it is another event.
[[nodiscard]] inline std::optional<rtp::SenderReport> read_report_event(GstEvent* event) {
    guint ssrc = 0;
    guint64 ntp = 0;
    guint rtp_time = 0;
    if (!gst_event_has_name(event, "rtp-sender-report") ||
        !gst_structure_get(gst_event_get_structure(event), "ssrc", G_TYPE_UINT, &ssrc, "ntp",
                           G_TYPE_UINT64, &ntp, "rtp", G_TYPE_UINT, &rtp_time, nullptr))
        return std::nullopt;
    return rtp::SenderReport{ssrc, ntp, rtp_time};
}

} // namespace rtspproxy::relay
