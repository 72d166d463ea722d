#include "plugins/fanout/fan_out.hpp"

#include "plugins/support/element.hpp"

#include <utility>

GST_DEBUG_CATEGORY_EXTERN(udpfanoutsink_debug);
#define GST_CAT_DEFAULT udpfanoutsink_debug

namespace rtspproxy::fanout {
namespace {

using Item = QueuedPacket<Ref<GstBuffer>>;

Item queued(GstBuffer* buffer) {
    std::array<std::uint8_t, 4> header{};
    gst_buffer_extract(buffer, 0, header.data(), header.size());
    return {Ref<GstBuffer>::share(buffer), rtp::read_u16(header, 2), gst_buffer_get_size(buffer)};
}

Table::Key key_of(const char* host, int port) {
    return {host != nullptr ? host : "", port};
}

} // namespace

// any thread

StructurePtr FanOut::stats() {
    const auto [all, waiting] = shared_.destinations.with([](const Destinations& destinations) {
        return std::pair(destinations.table.size(), destinations.table.waiting());
    });
    const auto& counters = shared_.counters;
    return StructurePtr(gst_structure_new(
        "application/x-udpfanoutsink-stats", "gso", G_TYPE_BOOLEAN,
        static_cast<gboolean>(sending_.load() == Sending::Gso), "packets", G_TYPE_UINT64,
        counters.packets.load(), "bytes", G_TYPE_UINT64, counters.bytes.load(), "dropped",
        G_TYPE_UINT64, counters.dropped.load(), "gso-messages", G_TYPE_UINT64,
        counters.gso_messages.load(), "bursts", G_TYPE_UINT64, counters.bursts.load(),
        "burst-packets", G_TYPE_UINT64, counters.burst_packets.load(), "burst-overflows",
        G_TYPE_UINT64, counters.burst_overflows.load(), "destinations", G_TYPE_UINT,
        static_cast<guint>(all), "waiting", G_TYPE_UINT, static_cast<guint>(waiting), nullptr));
}

std::optional<Traffic> FanOut::traffic(const char* host, int port) {
    return shared_.destinations.lock()->table.traffic(key_of(host, port));
}

void FanOut::add(const char* host, int port) {
    const auto address = SocketAddress::resolve(host, port);
    if (!address) {
        GST_WARNING_OBJECT(element_, "no address for host %s, port %d", host, port);
        return;
    }
    const auto begin =
        shared_.destinations.lock()->table.add(key_of(host, port), *address, monotonic_now());
    burst(begin);
}

void FanOut::remove(const char* host, int port) {
    shared_.destinations.lock()->table.remove(key_of(host, port));
}

void FanOut::clear() {
    shared_.destinations.lock()->table.clear();
}

void FanOut::hold(const char* host, int port) {
    shared_.destinations.lock()->table.hold(key_of(host, port), monotonic_now());
}

void FanOut::begin_with(const char* host, int port, GstBufferList* packets) {
    std::vector<Item> items;
    for (guint i = 0; packets != nullptr && i < gst_buffer_list_length(packets); ++i)
        items.push_back(queued(gst_buffer_list_get(packets, i)));
    const auto begin = shared_.destinations.lock()->table.begin_with(
        key_of(host, port), std::move(items), monotonic_now());
    if (begin == Table::Begin::Refused)
        GST_WARNING_OBJECT(element_, "host %s, port %d was added before its burst, and not held",
                           host, port);
    burst(begin);
}

void FanOut::burst(Table::Begin begin) {
    if (begin != Table::Begin::Now)
        return;
    ++shared_.counters.bursts;
    bursts_.wake();
}

// state changes

void FanOut::start(Ref<GSocket> v4, Ref<GSocket> v6) {
    outlets_.open(std::move(v4), std::move(v6));
    auto& counters = shared_.counters;
    for (auto* counter : {&counters.bytes_in, &counters.packets, &counters.bytes, &counters.dropped,
                          &counters.gso_messages, &counters.bursts, &counters.burst_packets,
                          &counters.burst_overflows})
        counter->store(0);
    targets_generation_ = 0;
    sending_.store(Sending::Undecided);
    interrupted_.store(false);
    bursts_.start();
}

void FanOut::stop() {
    bursts_.stop();
    shared_.destinations.lock()->table.forget_queues();
    outlets_.close();
}

// streaming thread

void FanOut::render(GstBuffer* buffer) {
    buffers_.assign(1, buffer);
    render_list();
}

void FanOut::render(GstBufferList* list) {
    const guint length = gst_buffer_list_length(list);
    buffers_.clear();
    for (guint i = 0; i < length; ++i)
        buffers_.push_back(gst_buffer_list_get(list, i));
    render_list();
}

void FanOut::render_list() {
    Traffic list;
    for (GstBuffer* buffer : buffers_)
        list += {1, gst_buffer_get_size(buffer)};
    if (!show_list(list))
        return;
    shared_.counters.bytes_in += list.bytes;
    batch_.clear();
    for (GstBuffer* buffer : buffers_) {
        const gsize size = gst_buffer_get_size(buffer);
        gst_buffer_extract(buffer, 0, batch_.append(size).data(), size);
    }
    send_list();
}

// Tells the table of the list, and who is there. Returns false if nobody is.
bool FanOut::show_list(const Traffic& list) {
    queued_.clear();
    unsigned overflows = 0;
    bool burst = false;
    {
        auto destinations = shared_.destinations.lock();
        Table& table = destinations->table;
        if (table.has_waiting()) {
            for (GstBuffer* buffer : buffers_)
                queued_.push_back(queued(buffer));
            overflows =
                table.collect(queued_, shared_.settings.burst_max_bytes.load(), monotonic_now());
            burst = table.has_queues() && !destinations->bursting;
        }
        table.passed(list);
        if (targets_generation_ != table.generation() ||
            targets_duplicated_ != send_duplicates_.load())
            renew_targets(table);
        if (table.size() == 0)
            return false;
    }
    queued_.clear();
    shared_.counters.burst_overflows += overflows;
    if (burst)
        bursts_.wake();
    return true;
}

void FanOut::renew_targets(const Table& table) {
    std::array<std::vector<SocketAddress>, Outlets::kCount> targets;
    targets_generation_ = table.generation();
    targets_duplicated_ = send_duplicates_.load();
    table.for_each_live([&](const SocketAddress& address, unsigned times_added) {
        if (const auto route = outlets_.route(address))
            targets.at(route->outlet)
                .insert(targets.at(route->outlet).end(), targets_duplicated_ ? times_added : 1,
                        route->address);
    });
    for (std::size_t i = 0; i < senders_.size(); ++i)
        senders_.at(i).set_targets(targets.at(i));
}

void FanOut::send_list() {
    const bool gso = shared_.settings.gso.load();
    DatagramSender::Report sum;
    bool capable = false;
    for (std::size_t i = 0; i < senders_.size(); ++i) {
        DatagramSocket* socket = outlets_.socket(i);
        if (socket == nullptr || !senders_.at(i).has_targets())
            continue;
        sum += senders_.at(i).send(*socket, batch_, gso);
        capable = capable || (gso && socket->max_segment() != 0 && senders_.at(i).may_segment());
    }
    shared_.counters += sum;
    if (sum.messages != 0)
        announce(Sending::Gso);
    else if (!capable && sum.packets != 0)
        announce(Sending::Plain);
}

// Says which it is: once, and once more if the kernel refuses what worked at first.
void FanOut::announce(Sending sending) {
    if (sending == sending_.load() || sending_.load() == Sending::Plain)
        return;
    sending_.store(sending);
    const bool gso = sending == Sending::Gso;
    GST_INFO_OBJECT(element_, "packets are sent %s",
                    gso ? "with segmentation offload" : "one by one");
    gst_element_post_message(
        element_, gst_message_new_element(GST_OBJECT(element_),
                                          gst_structure_new("udp-fan-out", "gso", G_TYPE_BOOLEAN,
                                                            static_cast<gboolean>(gso), nullptr)));
}

} // namespace rtspproxy::fanout
