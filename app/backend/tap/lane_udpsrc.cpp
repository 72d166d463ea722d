#include "app/backend/tap/lane_udpsrc.hpp"

#include "app/backend/tap/datagram_reader.hpp"
#include "app/backend/tap/sender_filter.hpp"
#include "app/backend/tap/udp_feed.hpp"
#include "app/log.hpp"
#include "plugins/rtp/packet.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/ref.hpp"

#include <gio/gio.h>
#include <gst/base/gstbasesrc.h>
#include <gst/net/gstnetaddressmeta.h>

#include <array>

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
    SenderFilter filter;                    // if there is no reader
    bool refusal_said = false;
    // Of a group, see is_proven().
    std::optional<std::uint32_t> newcomer;
    bool proven = false;
};

Part& part(gpointer self) {
    return *static_cast<Part*>(G_STRUCT_MEMBER_P(self, private_offset));
}

bool is_unicast(GstBaseSrc* self) {
    char* raw = nullptr;
    g_object_get(self, "address", &raw, nullptr);
    const GCharPtr address(raw);
    const std::unique_ptr<GInetAddress, Deleter<g_object_unref>> parsed(
        g_inet_address_new_from_string(address ? address.get() : ""));
    return parsed && g_inet_address_get_is_multicast(parsed.get()) == FALSE;
}

// Multicast groups, and timeouts, are udpsrc's affair.
bool must_read_as_udpsrc(GstBaseSrc* self) {
    guint64 timeout = 0;
    g_object_get(self, "timeout", &timeout, nullptr);
    return timeout != 0 || !is_unicast(self);
}

// What the answer to SETUP names as the media's source is where rtspsrc sends to from this socket;
// if it names none, that is the back end's host.
void allow_destinations(GstBaseSrc* self, GSocket* socket, SenderFilter& filter) {
    const auto parent = Ref<GstObject>::adopt(gst_object_get_parent(GST_OBJECT(self)));
    if (!parent || !GST_IS_BIN(parent.get()))
        return;
    struct Search {
        GSocket* socket;
        SenderFilter* filter;
    } search{socket, &filter};
    const std::unique_ptr<GstIterator, Deleter<gst_iterator_free>> sinks(
        gst_bin_iterate_all_by_element_factory_name(GST_BIN(parent.get()), "udpsink"));
    const auto look = [](const GValue* item, gpointer data) {
        const auto& wanted = *static_cast<Search*>(data);
        GSocket* raw_socket = nullptr;
        char* raw_host = nullptr;
        g_object_get(g_value_get_object(item), "socket", &raw_socket, "host", &raw_host, nullptr);
        const auto used = Ref<GSocket>::adopt(raw_socket);
        const GCharPtr host(raw_host);
        if (used.get() != wanted.socket || !host)
            return;
        if (const auto address = HostAddress::parse(host.get()))
            wanted.filter->allow(*address);
    };
    while (gst_iterator_foreach(sinks.get(), look, &search) == GST_ITERATOR_RESYNC)
        gst_iterator_resync(sinks.get());
}

// Whose datagrams are right. A group's may be anybody's.
SenderFilter filter_of(GstBaseSrc* self, Ledger& ledger, GSocket* socket) {
    SenderFilter filter;
    if (!is_unicast(self))
        return filter;
    if (const auto peer = *ledger.peer.lock())
        filter.allow(*peer);
    if (socket != nullptr)
        allow_destinations(self, socket, filter);
    return filter;
}

// Streaming thread.
void refuse(Part& own, const sockaddr* sender) {
    own.ledger->refused.fetch_add(1, std::memory_order_relaxed);
    if (std::exchange(own.refusal_said, true))
        return;
    const auto host = HostAddress::of(sender);
    log::warning("%s: packets of %s on a UDP port of the back end's are refused",
                 own.ledger->mount.c_str(), host ? host->text().c_str() : "an unknown host");
}

// As udpsrc has read it.
bool is_right(Part& own, GstBuffer* buffer) {
    const GstNetAddressMeta* meta = gst_buffer_get_net_address_meta(buffer);
    sockaddr_storage sender{};
    if (meta == nullptr || !g_socket_address_to_native(meta->addr, &sender, sizeof sender, nullptr))
        return true;
    std::uint8_t first = 0; // of RTP and RTCP alike
    const bool rtp = gst_buffer_extract(buffer, 0, &first, 1) == 1 && first >> 6 == 2;
    const auto* address = reinterpret_cast<const sockaddr*>(&sender);
    if (own.filter.admits(address, rtp))
        return true;
    refuse(own, address);
    return false;
}

// A group's first packet proves nothing: rtspsrc itself sends some datagrams of random bytes to it,
// which come back. The second of a source does (RFC 3550, appendix A.1).
bool is_proven(Part& own, GstBuffer* buffer) {
    constexpr gsize kSsrc = 8;
    std::array<std::uint8_t, 12> header{};
    if (own.proven || gst_buffer_extract(buffer, 0, header.data(), header.size()) < header.size())
        return true;
    const std::uint32_t ssrc = rtp::read_u32(header, kSsrc);
    if (header[0] >> 6 == 2 && own.newcomer == ssrc)
        own.proven = true;
    else
        own.ledger->dropped.fetch_add(1, std::memory_order_relaxed);
    own.newcomer = ssrc;
    return own.proven;
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
    own.refusal_said = false;
    own.newcomer.reset();
    own.proven = is_unicast(self);
    if (!own.ledger)
        return;
    own.filter = filter_of(self, *own.ledger, socket);
    if (!rtp)
        return;
    own.feed.emplace(own.ledger);
    if (socket != nullptr && !must_read_as_udpsrc(self))
        own.reader = DatagramReader::create();
    if (own.reader)
        own.reader->set_filter(own.filter, [&own](const sockaddr* sender) { refuse(own, sender); });
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
    if (!own.reader && own.filter.knows_any() && (info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0 &&
        !is_right(own, GST_PAD_PROBE_INFO_BUFFER(info)))
        return GST_PAD_PROBE_DROP;
    if (!own.feed)
        return GST_PAD_PROBE_OK;
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0 &&
        !is_proven(own, GST_PAD_PROBE_INFO_BUFFER(info)))
        return GST_PAD_PROBE_DROP;
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
