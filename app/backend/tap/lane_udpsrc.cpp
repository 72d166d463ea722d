#include "app/backend/tap/lane_udpsrc.hpp"

#include "app/backend/tap/datagram_reader.hpp"
#include "app/backend/tap/udp_feed.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>
#include <gst/base/gstbasesrc.h>

#include <atomic>
#include <memory>
#include <optional>

namespace rtspproxy::backend {
namespace {

gpointer parent_class = nullptr;
gint private_offset = 0;
std::atomic<bool> installed{false};

struct Part {
    std::shared_ptr<Ledger> ledger = ledger_of_this_thread.lock(); // of whoever made it
    // Of a run; made before the streaming thread is.
    Ref<GSocket> socket;
    std::optional<UdpFeed> feed;            // of RTP
    std::unique_ptr<DatagramReader> reader; // null: it reads as udpsrc does
};

Part& part(gpointer self) {
    return *static_cast<Part*>(G_STRUCT_MEMBER_P(self, private_offset));
}

// Multicast groups other than ours, and timeouts, are udpsrc's affair.
bool must_read_as_udpsrc(GstBaseSrc* self) {
    guint64 timeout = 0;
    char* raw = nullptr;
    g_object_get(self, "timeout", &timeout, "address", &raw, nullptr);
    const GCharPtr address(raw);
    const std::unique_ptr<GInetAddress, Deleter<g_object_unref>> parsed(
        g_inet_address_new_from_string(address ? address.get() : ""));
    return timeout != 0 || !parsed || g_inet_address_get_is_multicast(parsed.get()) != FALSE;
}

// The socket is there from READY on, and the caps say what will come.
void prepare(GstBaseSrc* self) {
    Part& own = part(self);
    GSocket* socket = nullptr;
    GstCaps* caps = nullptr;
    g_object_get(self, "used-socket", &socket, "caps", &caps, nullptr);
    own.socket = Ref<GSocket>::adopt(socket);
    const auto owned = Ref<GstCaps>::adopt(caps);
    const bool rtp = caps != nullptr && gst_caps_get_size(caps) > 0 &&
                     gst_structure_has_name(gst_caps_get_structure(caps, 0), "application/x-rtp");
    own.feed.reset();
    own.reader.reset();
    if (!own.ledger || !rtp)
        return;
    own.feed.emplace(own.ledger);
    if (socket != nullptr && !must_read_as_udpsrc(self))
        own.reader = DatagramReader::create();
}

GstFlowReturn on_create(GstBaseSrc* self, guint64 offset, guint size, GstBuffer** buffer) noexcept {
    Part& own = part(self);
    const auto plainly = [&] {
        return GST_BASE_SRC_CLASS(parent_class)->create(self, offset, size, buffer);
    };
    if (!own.reader)
        return plainly();
    Ref<GstBufferList> packets;
    switch (own.reader->read(g_socket_get_fd(own.socket.get()), packets)) {
    case DatagramReader::Outcome::Interrupted:
        return GST_FLOW_FLUSHING;
    case DatagramReader::Outcome::Failed:
        return plainly(); // it meets with the same, and has words for it
    case DatagramReader::Outcome::Packets:
        break;
    }
    gst_base_src_submit_buffer_list(self, packets.release());
    return GST_FLOW_OK;
}

// The packets are taken here, not in on_create(): there the base class holds its lock.
GstPadProbeReturn on_packets(GstPad* pad, GstPadProbeInfo* info, gpointer self) noexcept {
    Part& own = part(self);
    if (!own.feed)
        return GST_PAD_PROBE_OK;
    const auto peer = Ref<GstPad>::adopt(gst_pad_get_peer(pad));
    if (!peer)
        return GST_PAD_PROBE_OK;
    GstFlowReturn flow = GST_FLOW_OK;
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0)
        flow = own.feed->take(Ref<GstBufferList>::adopt(GST_PAD_PROBE_INFO_BUFFER_LIST(info)),
                              peer.get());
    else
        flow = own.feed->take(Ref<GstBuffer>::adopt(GST_PAD_PROBE_INFO_BUFFER(info)), peer.get());
    info->data = nullptr;
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = flow;
    return GST_PAD_PROBE_HANDLED;
}

gboolean on_start(GstBaseSrc* self) noexcept {
    prepare(self);
    const auto chain_up = GST_BASE_SRC_CLASS(parent_class)->start;
    return chain_up == nullptr || chain_up(self) ? TRUE : FALSE;
}

gboolean on_unlock(GstBaseSrc* self) noexcept {
    if (const auto& reader = part(self).reader)
        reader->interrupt();
    return GST_BASE_SRC_CLASS(parent_class)->unlock(self);
}
gboolean on_unlock_stop(GstBaseSrc* self) noexcept {
    if (const auto& reader = part(self).reader)
        reader->resume();
    return GST_BASE_SRC_CLASS(parent_class)->unlock_stop(self);
}

void on_finalize(GObject* self) noexcept {
    destroy_private<Part>(&part(self));
    G_OBJECT_CLASS(parent_class)->finalize(self);
}

void on_class_init(gpointer klass, gpointer) noexcept {
    parent_class = g_type_class_peek_parent(klass);
    g_type_class_adjust_private_offset(klass, &private_offset);
    G_OBJECT_CLASS(klass)->finalize = on_finalize;
    auto* source_class = GST_BASE_SRC_CLASS(klass);
    source_class->create = on_create;
    source_class->start = on_start;
    source_class->unlock = on_unlock;
    source_class->unlock_stop = on_unlock_stop;
    gst_element_class_set_static_metadata(
        GST_ELEMENT_CLASS(klass), "UDP source of back ends", "Source/Network",
        "Takes many datagrams at once; otherwise like udpsrc", "gst-rtsp-proxy");
}

void on_instance_init(GTypeInstance* self, gpointer) noexcept {
    construct_private<Part>(&part(self));
    gst_pad_add_probe(
        GST_BASE_SRC_PAD(self),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        on_packets, self, nullptr);
}

GType register_type(GType parent) {
    GTypeQuery query{};
    g_type_query(parent, &query);
    const GTypeInfo info{static_cast<guint16>(query.class_size),
                         nullptr,
                         nullptr,
                         on_class_init,
                         nullptr,
                         nullptr,
                         static_cast<guint16>(query.instance_size),
                         0,
                         on_instance_init,
                         nullptr};
    const GType type =
        g_type_register_static(parent, "LaneUdpSource", &info, static_cast<GTypeFlags>(0));
    private_offset = g_type_add_instance_private(type, sizeof(Part));
    return type;
}

// udpsrc's type is its plugin's own, and is there once that is loaded.
GType udpsrc_type() {
    const auto factory = Ref<GstObject>::adopt(GST_OBJECT_CAST(gst_element_factory_find("udpsrc")));
    if (!factory)
        return 0;
    const auto loaded = Ref<GstObject>::adopt(
        GST_OBJECT_CAST(gst_plugin_feature_load(GST_PLUGIN_FEATURE(factory.get()))));
    return loaded ? gst_element_factory_get_element_type(GST_ELEMENT_FACTORY(loaded.get())) : 0;
}

} // namespace

bool install_lanes() {
    static const bool done = [] {
        const GType parent = udpsrc_type();
        // rtspsrc takes what is ranked highest for udp://.
        return parent != 0 && gst_element_register(nullptr, "rtspproxyudpsrc", GST_RANK_PRIMARY + 1,
                                                   register_type(parent)) != FALSE;
    }();
    installed.store(done);
    return done;
}

bool lanes_installed() {
    return installed.load();
}

} // namespace rtspproxy::backend
