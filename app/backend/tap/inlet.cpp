#include "app/backend/tap/inlet.hpp"

#include "plugins/support/boxed.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace rtspproxy::backend {
namespace {

// Of one track.
class Inlet {
  public:
    Inlet(std::shared_ptr<Ledger> ledger, std::shared_ptr<TrackOutlet> outlet)
        : ledger_(std::move(ledger)), outlet_(std::move(outlet)) {}

    GstPadProbeReturn take_rtp(GstPad* pad, GstPadProbeInfo* info);
    GstPadProbeReturn take_rtcp(GstPad* pad, GstPadProbeInfo* info);
    void edit_report(GstPadProbeInfo* info) const; // any thread

  private:
    // Whether what comes to a pad is encrypted: a session of its own decrypts it behind here.
    class Encryption {
      public:
        [[nodiscard]] bool on(GstPad* pad);

      private:
        bool looked_ = false;
        bool encrypted_ = true;
    };
    // Returns a sample of it, if one is due.
    Ref<GstBuffer> deliver(Feed& feed, Feed::Kept&& packet, std::uint64_t now);

    const std::shared_ptr<Ledger> ledger_;
    const std::shared_ptr<TrackOutlet> outlet_;
    // RTP thread
    Encryption rtp_encryption_;
    std::shared_ptr<Feed> feed_; // of a connection that has none of its own
    // RTCP thread
    Encryption rtcp_encryption_;
};

// Caps precede packets.
bool Inlet::Encryption::on(GstPad* pad) {
    if (std::exchange(looked_, true))
        return encrypted_;
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    const std::string_view name =
        caps ? gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)) : "";
    encrypted_ = name != "application/x-rtp" && name != "application/x-rtcp";
    return encrypted_;
}

GstPadProbeReturn Inlet::take_rtp(GstPad* pad, GstPadProbeInfo* info) {
    const auto hand = Feed::in_hand(ledger_);
    if (hand.sample || rtp_encryption_.on(pad))
        return GST_PAD_PROBE_OK;
    std::array<std::uint8_t, rtp::kFixedHeaderSize> header{};
    GstBuffer* raw = GST_PAD_PROBE_INFO_BUFFER(info);
    if (gst_buffer_extract(raw, 0, header.data(), header.size()) != header.size() ||
        header[0] >> 6 != 2) {
        ledger_->dropped.fetch_add(1, std::memory_order_relaxed);
        return GST_PAD_PROBE_DROP;
    }
    if (is_rtcp(header)) {
        std::ignore = outlet_->take_rtcp(raw);
        return GST_PAD_PROBE_DROP;
    }
    if (!hand.feed && !feed_)
        feed_ = std::make_shared<Feed>(ledger_);
    Feed& feed = hand.feed ? *hand.feed : *feed_;
    if (!feed.attached()) {
        const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
        feed.attach(outlet_, caps.get());
    }
    const std::uint64_t now = monotonic_now();
    Feed::Kept packet{Ref<GstBuffer>::adopt(raw), Lane::Packet::read(header)};
    Ref<GstBuffer> sample;
    if (hand.feed) { // which has judged it, and counted
        sample = deliver(feed, std::move(packet), now);
    } else if (feed.admits(packet.header, now)) {
        feed.count_gap(packet.header);
        sample = deliver(feed, std::move(packet), now);
    } else {
        feed.keep(std::move(packet), now, [&](Feed::Kept&& kept) {
            feed.count_gap(kept.header);
            if (auto due = deliver(feed, std::move(kept), now))
                sample = std::move(due);
        });
    }
    feed.push();
    info->data = sample.release();
    if (info->data != nullptr)
        return GST_PAD_PROBE_OK;
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_OK;
    return GST_PAD_PROBE_HANDLED;
}

Ref<GstBuffer> Inlet::deliver(Feed& feed, Feed::Kept&& packet, std::uint64_t now) {
    Ref<GstBuffer> sample;
    if (const auto header = feed.sample(packet.header, now))
        sample = sample_of(packet.buffer.get(), *header);
    if (ledger_->open.load(std::memory_order_relaxed))
        feed.add(std::move(packet.buffer));
    return sample;
}

GstPadProbeReturn Inlet::take_rtcp(GstPad* pad, GstPadProbeInfo* info) {
    if (rtcp_encryption_.on(pad))
        return GST_PAD_PROBE_OK;
    const auto compound = Ref<GstBuffer>::adopt(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = outlet_->take_rtcp(compound.get()).release();
    if (info->data != nullptr)
        return GST_PAD_PROBE_OK;
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_OK;
    return GST_PAD_PROBE_HANDLED;
}

void Inlet::edit_report(GstPadProbeInfo* info) const {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = buffer;
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
        return;
    outlet_->edit_report({map.data, map.size});
    gst_buffer_unmap(buffer, &map);
}

using InletPtr = std::shared_ptr<Inlet>;

GstPadProbeReturn on_rtp(GstPad* pad, GstPadProbeInfo* info, gpointer inlet) noexcept {
    return unbox<InletPtr>(inlet)->take_rtp(pad, info);
}
GstPadProbeReturn on_rtcp(GstPad* pad, GstPadProbeInfo* info, gpointer inlet) noexcept {
    return unbox<InletPtr>(inlet)->take_rtcp(pad, info);
}

GstPadProbeReturn on_report(GstPad*, GstPadProbeInfo* info, gpointer inlet) noexcept {
    unbox<InletPtr>(inlet)->edit_report(info);
    return GST_PAD_PROBE_OK;
}

// What becomes of the data of a manager's pad; null: it is another pad.
GstPadProbeCallback probe_of(const char* pad, unsigned& session) {
    if (std::sscanf(pad, "recv_rtp_sink_%u", &session) == 1)
        return on_rtp;
    if (std::sscanf(pad, "recv_rtcp_sink_%u", &session) == 1)
        return on_rtcp;
    if (std::sscanf(pad, "send_rtcp_src_%u", &session) == 1)
        return on_report;
    return nullptr;
}

// The inlets of one manager, as it gets its pads.
struct Inlets {
    std::shared_ptr<Ledger> ledger;
    TrackOutletOf outlet_of;
    std::vector<std::pair<unsigned, InletPtr>> made;

    InletPtr of(unsigned session) {
        for (const auto& [number, inlet] : made)
            if (number == session)
                return inlet;
        auto outlet = outlet_of(session);
        auto inlet = outlet ? std::make_shared<Inlet>(ledger, std::move(outlet)) : nullptr;
        made.emplace_back(session, inlet);
        return inlet;
    }
};

void on_pad_added(GstElement*, GstPad* pad, gpointer boxed) noexcept {
    const GCharPtr name(gst_pad_get_name(pad));
    unsigned session = 0;
    const auto probe = probe_of(name.get(), session);
    auto inlet = probe != nullptr ? unbox<Inlets>(boxed).of(session) : nullptr;
    if (inlet)
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, probe, box(std::move(inlet)),
                          free_box<InletPtr>);
}

} // namespace

void install_inlets(GstElement* manager, std::shared_ptr<Ledger> ledger, TrackOutletOf outlet_of) {
    g_signal_connect_data(manager, "pad-added", G_CALLBACK(on_pad_added),
                          box(Inlets{std::move(ledger), std::move(outlet_of), {}}),
                          free_box_of_closure<Inlets>, static_cast<GConnectFlags>(0));
}

void drain(GstPad* pad) {
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                     GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
        [](GstPad*, GstPadProbeInfo* info, gpointer) noexcept {
            const bool end = (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0 &&
                             GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS;
            return end ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
        },
        nullptr, nullptr);
}

void forward(GstPad* pad, GstPad* sink) {
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                     GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
        [](GstPad*, GstPadProbeInfo* info, gpointer boxed) noexcept {
            if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) == 0)
                return GST_PAD_PROBE_DROP;
            gst_pad_chain(unbox<Ref<GstPad>>(boxed).get(), GST_PAD_PROBE_INFO_BUFFER(info));
            info->data = nullptr;
            GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_OK;
            return GST_PAD_PROBE_HANDLED;
        },
        box(Ref<GstPad>::share(sink)), free_box<Ref<GstPad>>);
}

} // namespace rtspproxy::backend
