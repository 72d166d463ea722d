// RelayPay: what precedes the packets.
#include "plugins/relay/relay_caps.hpp"
#include "plugins/relay/relay_pay.hpp"

#include <memory>

namespace rtspproxy::relay {

struct RelayPay::Preroll {
    RelayPay* self;
    guint run;
};

void RelayPay::preroll() {
    if (!run_settings_.caps)
        return;
    // Stored, not pushed: the GAP takes them along, and a GAP of an earlier run that comes late
    // cannot bring another order or other caps.
    const auto caps = output_caps(run_settings_.caps.get(), run_settings_);
    for (const auto& event : sticky_events(caps.get()))
        gst_pad_store_sticky_event(source_pad_, event.get());
    // The call holds a reference on the element, and thereby on this part of it.
    gst_element_call_async(
        element_,
        [](GstElement*, gpointer data) {
            const auto* call = static_cast<Preroll*>(data);
            call->self->run_preroll(*call);
        },
        std::make_unique<Preroll>(Preroll{this, *run_.lock()}).release(),
        [](gpointer data) { const std::unique_ptr<Preroll> owned(static_cast<Preroll*>(data)); });
}

// The GAP is a server's preroll, see findings on silent tracks: stamped 0, because a sink that
// synchronises would otherwise sleep until that running time. It may block for as long as the
// server blocks the pad; nothing else is pushed meanwhile, and nobody waits for it.
void RelayPay::run_preroll(const Preroll& preroll) {
    if (*run_.lock() != preroll.run)
        return;
    gst_pad_push_event(source_pad_, gst_event_new_gap(0, GST_CLOCK_TIME_NONE));
    run_.with([&](guint run) {
        if (run == preroll.run)
            open_.store(true);
    });
}

std::array<Ref<GstEvent>, 3> RelayPay::sticky_events(GstCaps* caps) const {
    const GCharPtr stream_id(gst_pad_create_stream_id(source_pad_, element_, nullptr));
    GstEvent* start = gst_event_new_stream_start(stream_id.get());
    gst_event_set_group_id(start, gst_util_group_id_next());
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    return {Ref<GstEvent>::adopt(start), Ref<GstEvent>::adopt(gst_event_new_caps(caps)),
            Ref<GstEvent>::adopt(gst_event_new_segment(&segment))};
}

void RelayPay::push_sticky_events(GstCaps* caps) {
    for (auto& event : sticky_events(caps))
        gst_pad_push_event(source_pad_, event.release());
}

} // namespace rtspproxy::relay
